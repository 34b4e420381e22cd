namespace Clss.Query.Evaluation;

/// <summary>The nearest targets of one query while the targets pass by in the order of their rows.</summary>
internal struct NearestTargets
{
    private readonly int _superfamily;
    private readonly double _partner;
    private double _any = double.NegativeInfinity;
    private double _distant = double.NegativeInfinity;

    /// <param name="query">The row of the query and of its partner.</param>
    /// <param name="superfamily">Its superfamily.</param>
    /// <param name="partner">How similar its partner is.</param>
    public NearestTargets(int query, int superfamily, double partner)
    {
        Query = query;
        _superfamily = superfamily;
        _partner = partner;
    }

    /// <summary>The row of the query.</summary>
    public int Query { get; }

    /// <summary>The row of the nearest target that is not the partner; -1 when there is none.</summary>
    public int Any { get; private set; } = -1;

    /// <summary>The row of the nearest target of another superfamily; -1 when there is none.</summary>
    public int Distant { get; private set; } = -1;

    /// <summary>How many targets are nearer than the partner.</summary>
    public int NearerThanPartner { get; private set; }

    /// <summary>Takes the targets from row <paramref name="start"/> on.</summary>
    public void Look(int start, ReadOnlySpan<double> similarities, ReadOnlySpan<int> superfamilies)
    {
        for (int i = 0; i < similarities.Length; i++)
        {
            int row = start + i;
            double similarity = similarities[i];
            if (row == Query)
            {
                continue;
            }

            if (similarity > _any)
            {
                _any = similarity;
                Any = row;
            }

            if (similarity > _distant && superfamilies[i] != _superfamily)
            {
                _distant = similarity;
                Distant = row;
            }

            if (similarity > _partner || (similarity == _partner && row < Query))
            {
                NearerThanPartner++;
            }
        }
    }
}
