using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>Something that finds neighbours, to be measured.</summary>
internal interface IAnnSubject : IDisposable
{
    string Name { get; }

    /// <summary>The settings to measure, one line of the result each.</summary>
    IReadOnlyList<AnnSetting> Settings { get; }

    /// <summary>The size of what was built.</summary>
    long IndexBytes { get; }

    /// <summary>Builds the index of the first rows of a file.</summary>
    void Build(VectorFile vectors, int rows, int threads);

    /// <summary>Finds the neighbours of one query, best first; the result is their number.</summary>
    int Search(ReadOnlySpan<float> query, AnnSetting setting, Span<Neighbor> neighbors);

    /// <summary>Whether a search for a query proves that it finds the nearest.</summary>
    bool IsCertified(ReadOnlySpan<float> query, AnnSetting setting, Span<Neighbor> neighbors);

    /// <summary>Finds the neighbours of all queries in one call on the calling thread: neighbors [queries, K], counts [queries].</summary>
    void SearchBatch(ReadOnlySpan<float> queries, AnnSetting setting, Span<Neighbor> neighbors, Span<int> counts);

    /// <summary>The row of the file that a result's ordinal stands for.</summary>
    int RowOf(int ordinal);
}
