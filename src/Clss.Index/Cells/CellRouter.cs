using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Finds the cell of a row, the one with the greatest x·c - ‖c‖²/2, without comparing it with every cell: after the cells of the nearest group, those
/// of every group are compared that by the spread of its cells may hold a nearer one. All of it on 8-bit codes: a row nearly as near to two
/// cells may go to either.
/// </summary>
internal sealed unsafe class CellRouter : IDisposable
{
    // At 5 deviations one row in a thousand misses its nearest cell; fewer save little time and cost searches more.
    private const float Margin = 5;

    private const int RowsPerPiece = 4096;

    private readonly int _stride;
    private readonly int[] _starts;
    private readonly int[] _ids;
    private readonly CodedCentroids _cells;
    private readonly CodedCentroids _groups;
    private readonly float[] _halfNorms;
    private readonly float[] _meanHalfNorms;
    private readonly int _largestGroup;

    /// <summary>Takes centroids of cells [cells, stride]; group g has those from starts[g] to starts[g + 1].</summary>
    public CellRouter(float[] cells, int[] starts, int stride)
    {
        _stride = stride;
        int groups = starts.Length - 1;
        _starts = new int[groups + 1];
        for (int g = 0; g < groups; g++)
        {
            int padded = (int)VectorLayout.PaddedBlocks(starts[g + 1] - starts[g]);
            _starts[g + 1] = _starts[g] + padded;
            _largestGroup = Math.Max(_largestGroup, padded);
        }

        _ids = new int[_starts[^1]];
        _halfNorms = new float[_starts[^1]];
        var centroids = new float[(long)_starts[^1] * stride];
        var means = new float[(long)groups * stride];
        var spreads = new float[2 * groups];
        _meanHalfNorms = new float[VectorLayout.PaddedBlocks(groups)];
        for (int g = 0; g < groups; g++)
        {
            AddGroup(g, cells, starts, centroids, means.AsSpan(g * stride, stride), spreads);
        }

        fixed (float* cellPointer = centroids)
        fixed (float* meanPointer = means)
        fixed (float* spreadPointer = spreads)
        {
            _cells = new CodedCentroids(cellPointer, null, _starts[^1], stride, _ => false);
            _groups = new CodedCentroids(meanPointer, spreadPointer, groups, stride, g => _starts[g] < _starts[g + 1]);
        }
    }

    /// <summary>The cell of each of the rows listed.</summary>
    public void Assign(RowSource rows, int[] ids, int[] cells, int threads)
    {
        int pieces = (ids.Length + RowsPerPiece - 1) / RowsPerPiece;
        Work.ForEach(pieces, threads, () => new Memory(this), (piece, memory) =>
        {
            for (int i = piece * RowsPerPiece; i < Math.Min(ids.Length, (piece + 1) * RowsPerPiece); i++)
            {
                cells[i] = Find(rows.Row(ids[i], memory.Row), memory);
            }
        });
    }

    public void Dispose()
    {
        _cells.Dispose();
        _groups.Dispose();
    }

    private void AddGroup(int group, float[] cells, int[] starts, float[] centroids, Span<float> mean, float[] spreads)
    {
        int count = starts[group + 1] - starts[group];
        Array.Fill(_halfNorms, float.PositiveInfinity, _starts[group], _starts[group + 1] - _starts[group]);
        double meanNorm = 0;
        for (int i = 0; i < count; i++)
        {
            int place = _starts[group] + i;
            ReadOnlySpan<float> cell = cells.AsSpan((starts[group] + i) * _stride, _stride);
            cell.CopyTo(centroids.AsSpan(place * _stride));
            double norm = 0;
            for (int j = 0; j < _stride; j++)
            {
                norm += (double)cell[j] * cell[j];
                mean[j] += cell[j] / count;
            }

            _ids[place] = starts[group] + i;
            _halfNorms[place] = (float)(norm / 2);
            meanNorm += norm / 2 / count;
        }

        double spread = 0;
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> cell = cells.AsSpan((starts[group] + i) * _stride, _stride);
            double distance = Math.Pow(_halfNorms[_starts[group] + i] - meanNorm, 2) * _stride;
            for (int j = 0; j < _stride; j++)
            {
                distance += ((double)cell[j] - mean[j]) * ((double)cell[j] - mean[j]);
            }

            spread += distance / count;
        }

        _meanHalfNorms[group] = (float)meanNorm;
        spreads[2 * group] = (float)Math.Sqrt(spread / _stride);
    }

    private int Find(float* row, Memory memory)
    {
        Int8Query query = SignedQuery.Attach(new Int8Query(row, _stride, memory.Words), _stride, memory.Signed);
        int groups = _groups.Count;
        CellKernel.Scores(_groups.Codes, _groups.Scales, _groups.Blocks, _stride, query, memory.GroupScores);
        int places = _groups.Blocks * VectorLayout.CodeBlockRows;
        fixed (float* meanHalfNorms = _meanHalfNorms)
        {
            for (int i = 0; i < places; i += Vector256<float>.Count)
            {
                Vector256<float> hasCells = Vector256.GreaterThanOrEqual(Vector256.Load(_groups.Deviations + i), Vector256<float>.Zero);
                Vector256<float> scores = Vector256.Load(memory.GroupScores + i) - Vector256.Load(meanHalfNorms + i);
                Vector256.ConditionalSelect(hasCells, scores, Vector256.Create(float.NegativeInfinity)).Store(memory.GroupScores + i);
            }
        }

        int nearest = ScoreKernel.Largest(memory.GroupScores, places);
        (int best, float value) = (-1, float.NegativeInfinity);
        Compare(nearest, query, memory, ref best, ref value);
        for (int first = 0; first < groups; first += 8)
        {
            Vector256<float> upper = Vector256.Load(memory.GroupScores + first) + (Vector256.Load(_groups.Deviations + first) * Margin);
            uint passing = Vector256.GreaterThan(upper, Vector256.Create(value)).ExtractMostSignificantBits();
            for (; passing != 0; passing &= passing - 1)
            {
                int group = first + BitOperations.TrailingZeroCount(passing);
                if (group != nearest && group < groups)
                {
                    Compare(group, query, memory, ref best, ref value);
                }
            }
        }

        return _ids[best];
    }

    private void Compare(int group, in Int8Query query, Memory memory, ref int best, ref float value)
    {
        int first = _starts[group];
        int block = first / VectorLayout.CodeBlockRows;
        int count = _starts[group + 1] - first;
        CellKernel.Scores(
            _cells.Codes + ((long)first * _stride),
            _cells.Scales + (2L * block),
            count / VectorLayout.CodeBlockRows,
            _stride,
            query,
            memory.CellScores);
        fixed (float* halfNorms = &_halfNorms[first])
        {
            for (int i = 0; i < count; i += 8)
            {
                Vector256<float> scores = Vector256.Load(memory.CellScores + i) - Vector256.Load(halfNorms + i);
                uint better = Vector256.GreaterThan(scores, Vector256.Create(value)).ExtractMostSignificantBits();
                for (; better != 0; better &= better - 1)
                {
                    int cell = i + BitOperations.TrailingZeroCount(better);
                    float score = memory.CellScores[cell] - halfNorms[cell];
                    (best, value) = score > value ? (first + cell, score) : (best, value);
                }
            }
        }
    }

    /// <summary>One thread's working memory.</summary>
    private sealed class Memory : IDisposable
    {
        private readonly NativeArena _arena;

        public Memory(CellRouter router)
        {
            long groups = VectorLayout.PaddedRows(router._groups.Count);
            _arena = new NativeArena(((groups + VectorLayout.PaddedRows(router._largestGroup) + router._stride) * sizeof(float)) + (SignedQuery.Length * sizeof(uint)) + router._stride);
            GroupScores = (float*)_arena.Pointer;
            CellScores = GroupScores + groups;
            Row = CellScores + VectorLayout.PaddedRows(router._largestGroup);
            Signed = (uint*)(Row + router._stride);
            Words = (int*)(Signed + SignedQuery.Length);
        }

        public float* GroupScores { get; }

        public float* CellScores { get; }

        /// <summary>Room for a row that has to be decoded [stride].</summary>
        public float* Row { get; }

        public uint* Signed { get; }

        public int* Words { get; }

        public void Dispose() => _arena.Dispose();
    }
}
