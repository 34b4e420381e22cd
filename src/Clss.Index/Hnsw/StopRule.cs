namespace Clss.Index.Hnsw;

/// <summary>
/// Ends a walk before its pool is followed to the end: once the nearest node left is farther from the query than the k-th found by more than a share of
/// that distance. How far neighbours lie differs from query to query; the rule spends the steps where there are many within reach.
/// </summary>
/// <param name="K">The neighbour that counts; 0 for no rule.</param>
/// <param name="Reach">Distance, in squared chords (2 - 2 · similarity), to which the walk goes on, as a multiple of the k-th neighbour's.</param>
internal readonly record struct StopRule(int K, float Reach)
{
    /// <summary>
    /// Candidates beyond this need not be followed, nor kept: as more is found it only comes nearer. Without a rule, or while fewer than k are found, there
    /// is no such limit.
    /// </summary>
    public ulong Limit(in CandidatePool found, CodedQuery query)
    {
        if (K == 0 || found.Count < K)
        {
            return ulong.MaxValue;
        }

        float kth = query.Similarity(CandidatePool.Product(found[K - 1]));
        return CandidatePool.Key(query.Product(1 - (Reach * (1 - kth))), 0);
    }
}
