namespace Clss.Index.Hnsw;

/// <summary>
/// One level of a graph. Its nodes are numbered from 0: on level 0 they are the rows, above they are slots, and <see cref="Rows"/> names the row and
/// <see cref="Down"/> the node one level below. Links [Count, Degree] are nodes of the same level, ended by <see cref="End"/> where there are fewer.
/// </summary>
internal unsafe struct GraphLevel
{
    /// <summary>Ends a list of links that is not full.</summary>
    public const int End = -1;

    public int Count;
    public int Degree;
    public int* Links;

    /// <summary>Null on level 0.</summary>
    public int* Rows;

    /// <summary>Null on level 0.</summary>
    public int* Down;

    public readonly int* LinksOf(int node) => Links + ((long)node * Degree);

    public readonly int RowOf(int node) => Rows == null ? node : Rows[node];

    /// <summary>The number of links of a node.</summary>
    public readonly int LinkCount(int node)
    {
        int* links = LinksOf(node);
        int count = 0;
        while (count < Degree && links[count] != End)
        {
            count++;
        }

        return count;
    }
}
