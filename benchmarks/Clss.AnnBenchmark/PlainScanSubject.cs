using System.Numerics.Tensors;
using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>What anyone would write first: every row's dot product in turn, the best ten kept by insertion. The yardstick for the indexes.</summary>
internal sealed class PlainScanSubject : IAnnSubject
{
    private VectorFile? _vectors;
    private int _rows;

    public string Name => "plain";

    public IReadOnlyList<AnnSetting> Settings { get; } = [new("plain", new SearchOptions { K = Workload.K })];

    public long IndexBytes => (long)_rows * VectorFile.Dimension * sizeof(float);

    public void Build(VectorFile vectors, int rows, int threads) => (_vectors, _rows) = (vectors, rows);

    public int Search(ReadOnlySpan<float> query, AnnSetting setting, Span<Neighbor> neighbors)
    {
        const int RowsAtATime = 1 << 16;
        int found = 0;
        for (int first = 0; first < _rows; first += RowsAtATime)
        {
            ReadOnlySpan<float> part = _vectors!.Slice(first, Math.Min(RowsAtATime, _rows - first));
            for (int offset = 0; offset < part.Length; offset += VectorFile.Dimension)
            {
                float similarity = TensorPrimitives.Dot(query, part.Slice(offset, VectorFile.Dimension));
                if (found < setting.Options.K || similarity > neighbors[found - 1].Similarity)
                {
                    found = Insert(new Neighbor(first + (offset / VectorFile.Dimension), similarity), neighbors[..setting.Options.K], found);
                }
            }
        }

        return found;
    }

    public bool IsCertified(ReadOnlySpan<float> query, AnnSetting setting, Span<Neighbor> neighbors) => true;

    public void SearchBatch(ReadOnlySpan<float> queries, AnnSetting setting, Span<Neighbor> neighbors, Span<int> counts)
    {
        int k = setting.Options.K;
        for (int query = 0; query < counts.Length; query++)
        {
            counts[query] = Search(queries.Slice(query * VectorFile.Dimension, VectorFile.Dimension), setting, neighbors.Slice(query * k, k));
        }
    }

    public int RowOf(int ordinal) => ordinal;

    public void Dispose()
    {
        // The file belongs to the workload.
    }

    private static int Insert(Neighbor neighbor, Span<Neighbor> neighbors, int found)
    {
        int place = found < neighbors.Length ? found++ : found - 1;
        for (; place > 0 && neighbors[place - 1].Similarity < neighbor.Similarity; place--)
        {
            neighbors[place] = neighbors[place - 1];
        }

        neighbors[place] = neighbor;
        return found;
    }
}
