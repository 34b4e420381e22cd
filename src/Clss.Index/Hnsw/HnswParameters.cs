namespace Clss.Index.Hnsw;

/// <summary>How a hierarchical navigable small world graph is built: the parameters of Malkov &amp; Yashunin, arXiv:1603.09320.</summary>
public sealed record HnswParameters
{
    /// <summary>The largest <see cref="M"/>.</summary>
    public const int MaximumM = 128;

    /// <summary>The largest <see cref="EfConstruction"/>.</summary>
    public const int MaximumEfConstruction = 1 << 16;

    /// <summary>Links that a new row gets on each level; rows keep at most this many on upper levels and twice as many on the lowest. 2 to 128.</summary>
    public int M { get; init; } = 16;

    /// <summary>Candidates among which the links of a new row are chosen. At least <see cref="M"/>.</summary>
    public int EfConstruction { get; init; } = 200;

    /// <summary>Determines the levels of rows and the order of insertion, and with them the whole graph.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Throws <see cref="ClssIndexException"/> unless every value is in its range.</summary>
    internal void Validate()
    {
        if (M is < 2 or > MaximumM)
        {
            throw new ClssIndexException($"HNSW: M is {M}; it must be from 2 to {MaximumM}.");
        }

        if (EfConstruction < M || EfConstruction > MaximumEfConstruction)
        {
            throw new ClssIndexException($"HNSW: efConstruction is {EfConstruction}; it must be from M ({M}) to {MaximumEfConstruction}.");
        }
    }
}
