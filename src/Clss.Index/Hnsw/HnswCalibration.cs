using Clss.Index.Cells;
using Clss.Index.Vectors;

namespace Clss.Index.Hnsw;

/// <summary>Measures on a sample of queries how many candidates (efSearch) a graph needs for which recall of ten neighbours.</summary>
internal sealed unsafe class HnswCalibration
{
    private const int Neighbors = 10;
    private const int SmallestEf = 10;
    private const int LargestEf = 2560;

    private readonly HnswGraph _graph;
    private readonly StoredVectors _vectors;
    private readonly ulong _seed;
    private readonly int _threads;

    public HnswCalibration(HnswGraph graph, in StoredVectors vectors, ulong seed, int threads)
    {
        _graph = graph;
        _vectors = vectors;
        _seed = seed;
        _threads = threads;
    }

    /// <summary>The table for <see cref="RecallMargins"/>: efSearch by recall.</summary>
    public float[] Measure()
    {
        var rows = new RowSource(_vectors, _graph.Count);
        var queries = new SampleQueries(rows, _seed);
        Neighbor[][] truth = new SampleNeighbors(rows, queries.Vectors, queries.Selves, Neighbors).Find(_threads);
        List<(double Recall, float Ef)> curve = [];
        for (int ef = SmallestEf; ef <= LargestEf && (curve.Count == 0 || curve[^1].Recall < 1); ef *= 2)
        {
            curve.Add((Recall(queries, truth, ef), ef));
        }

        return RecallMargins.FromCurve(curve);
    }

    private double Recall(SampleQueries queries, Neighbor[][] truth, int ef)
    {
        var found = new int[truth.Length];
        Work.ForEach(truth.Length, _threads, () => new HnswScratch(_graph.VectorStride), (query, scratch) =>
        {
            // One more than is compared, because a query that is a row finds itself.
            Span<Neighbor> nearest = stackalloc Neighbor[Neighbors + 1];
            fixed (float* vector = &queries.Vectors[query * _graph.VectorStride])
            {
                int count = HnswSearcher.Search(_graph, _vectors, 0, vector, HnswSearchSettings.Of(ef), default, 0, scratch, nearest);
                foreach (Neighbor row in nearest[..count])
                {
                    found[query] += Array.Exists(truth[query], neighbor => neighbor.Ordinal == row.Ordinal) ? 1 : 0;
                }
            }
        });
        int wanted = truth.Sum(rows => rows.Length);
        return wanted == 0 ? 1 : found.Sum() / (double)wanted;
    }
}
