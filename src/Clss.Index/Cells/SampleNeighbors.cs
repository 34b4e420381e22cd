using System.Numerics;
using System.Runtime.InteropServices;
using Clss.Index.Flat;
using Clss.Index.Metrics;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>The nearest rows of some queries by comparison with every row, as the measure of an index that is being built.</summary>
internal sealed unsafe class SampleNeighbors
{
    private const int TilesPerPiece = 64;

    private readonly RowSource _rows;
    private readonly float[] _queries;
    private readonly int[] _selves;
    private readonly int _k;

    /// <summary>Takes queries [n, stride]; query i leaves out row selves[i].</summary>
    public SampleNeighbors(in RowSource rows, float[] queries, int[] selves, int k)
    {
        _rows = rows;
        _queries = queries;
        _selves = selves;
        _k = k;
    }

    private int Stride => _rows.Stride;

    public Neighbor[][] Find(int threads)
    {
        int tiles = (_rows.Count + RowTile.Rows - 1) / RowTile.Rows;
        var all = new Partial(_selves.Length, _k);
        Work.ForEach((tiles + TilesPerPiece - 1) / TilesPerPiece, threads, () => new Search(this, all), (piece, search) =>
        {
            for (int tile = piece * TilesPerPiece; tile < Math.Min(tiles, (piece + 1) * TilesPerPiece); tile++)
            {
                search.Compare(tile);
            }
        });
        return [.. Enumerable.Range(0, _selves.Length).Select(all.Sorted)];
    }

    /// <summary>The best rows of each query in one heap after the other.</summary>
    private sealed class Partial(int queries, int k)
    {
        public Neighbor[] Neighbors { get; } = new Neighbor[queries * k];

        public int[] Counts { get; } = new int[queries];

        public TopK Best(int query) => new(Neighbors.AsSpan(query * k, k), Counts[query]);

        public void Offer(int query, Neighbor row)
        {
            TopK best = Best(query);
            best.Offer(row);
            Counts[query] = best.Count;
        }

        public Neighbor[] Sorted(int query)
        {
            Best(query).Sort();
            return Neighbors[(query * k)..((query * k) + Counts[query])];
        }
    }

    /// <summary>One thread's part: its own heaps, merged into those of all when it ends.</summary>
    private sealed class Search : IDisposable
    {
        private readonly SampleNeighbors _owner;
        private readonly Partial _all;
        private readonly Partial _own;
        private readonly int _groups;
        private float* _memory;

        public Search(SampleNeighbors owner, Partial all)
        {
            _owner = owner;
            _all = all;
            int queries = owner._selves.Length;
            _own = new Partial(queries, owner._k);
            _groups = (queries + QueryGroups.Size - 1) / QueryGroups.Size;
            int tileFloats = RowTile.Rows * owner.Stride;
            _memory = (float*)NativeMemory.AlignedAlloc((nuint)((2 * tileFloats) + (_groups * QueryGroups.Size * (owner.Stride + 1))) * sizeof(float), 64);
            Interleave();
        }

        private float* Gathered => _memory;

        private float* Tile => _memory + (RowTile.Rows * _owner.Stride);

        private float* Queries => _memory + (2 * RowTile.Rows * _owner.Stride);

        private float* Limits => Queries + (_groups * QueryGroups.Size * _owner.Stride);

        public void Compare(int tile)
        {
            int first = tile * RowTile.Rows;
            int count = Math.Min(RowTile.Rows, _owner._rows.Count - first);
            int stride = _owner.Stride;
            for (int i = 0; i < RowTile.Rows; i++)
            {
                _owner._rows.CopyTo(first + Math.Min(i, count - 1), new Span<float>(Gathered + (i * stride), stride));
            }

            Float32BatchKernel.Transpose(Gathered, stride, Tile);
            ulong inTile = count == RowTile.Rows ? ulong.MaxValue : (1UL << count) - 1;
            ulong* masks = stackalloc ulong[QueryGroups.Size];
            for (int group = 0; group < _groups; group++)
            {
                Float32BatchKernel.Exceeding(Tile, stride, Queries + (group * stride * QueryGroups.Size), Limits + (group * QueryGroups.Size), masks);
                for (int i = 0; i < QueryGroups.Size; i++)
                {
                    int query = (group * QueryGroups.Size) + i;
                    for (ulong rows = query < _owner._selves.Length ? masks[i] & inTile : 0; rows != 0; rows &= rows - 1)
                    {
                        Offer(query, first, BitOperations.TrailingZeroCount(rows));
                    }
                }
            }
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            lock (_all)
            {
                for (int query = 0; query < _owner._selves.Length; query++)
                {
                    foreach (Neighbor row in _own.Neighbors.AsSpan(query * _owner._k, _own.Counts[query]))
                    {
                        _all.Offer(query, row);
                    }
                }
            }
        }

        private void Offer(int query, int first, int row)
        {
            if (first + row == _owner._selves[query])
            {
                return;
            }

            fixed (float* vector = &_owner._queries[query * _owner.Stride])
            {
                _own.Offer(query, new Neighbor(first + row, CosineOfUnitVectors.Similarity(Gathered + (row * _owner.Stride), vector, _owner.Stride)));
            }

            Limits[query] = _own.Best(query).Threshold - ErrorBound.Float32(_owner.Stride, _owner._rows.LengthError);
        }

        private void Interleave()
        {
            int stride = _owner.Stride;
            for (int query = 0; query < _groups * QueryGroups.Size; query++)
            {
                Limits[query] = query < _owner._selves.Length ? float.NegativeInfinity : float.PositiveInfinity;
                for (int j = 0; j < stride; j++)
                {
                    float value = query < _owner._selves.Length ? _owner._queries[(query * stride) + j] : 0;
                    Queries[(((query / QueryGroups.Size * stride) + j) * QueryGroups.Size) + (query % QueryGroups.Size)] = value;
                }
            }
        }
    }
}
