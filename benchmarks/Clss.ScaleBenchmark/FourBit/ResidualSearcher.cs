using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Metrics;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// <see cref="CellSearcher.Run"/> over codes of residuals: the same choice of cells, so that with rigorous bounds the same rows are found. What differs is
/// the scan: a cell's score goes with it, and the first cells rank their rows by codes before any vector is read, because a limit taken from codes
/// alone would be twice their error below the best.
/// </summary>
internal sealed unsafe class ResidualSearcher<TKernel> : IDisposable
    where TKernel : IRowKernel
{
    private const int FirstGroups = 2;
    private const int FirstCells = 2;
    private const int BlockRows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const int LargestFirstCells = 64;

    // As many bytes as the index asks for ahead of a scan.
    private const int BytesFetchedAhead = 16 * 512;

    private readonly CellIndex _index;
    private readonly RowCodes _codes;
    private readonly float* _vectors;
    private readonly CellScratch _work;
    private readonly ErrorModel _errors;
    private readonly NativeArena _arena;
    private readonly float* _candidateScores;
    private readonly float* _firstBounds;
    private RowQuery _query;
    private float* _vector;

    public ResidualSearcher(CellIndex index, RowCodes codes, float* vectors, SearchScratch scratch, ErrorModel errors)
    {
        _index = index;
        _codes = codes;
        _vectors = vectors;
        _work = scratch.Cells;
        _errors = errors;
        _arena = new NativeArena(RowQuery.MemoryBytes + (((long)index.CellCount + 16 + CellScratch.RowScoresCapacity) * sizeof(float)));
        _firstBounds = (float*)(_arena.Pointer + RowQuery.MemoryBytes);
        _candidateScores = _firstBounds + CellScratch.RowScoresCapacity;
    }

    /// <summary>Rows whose vectors were read, of all searches.</summary>
    public long Scored { get; private set; }

    /// <summary>Rows whose codes were read, of all searches.</summary>
    public long Scanned { get; private set; }

    private int PaddedGroups => _index.Groups.Blocks * BlockRows;

    public void Run(SearchScratch scratch, float margin, ref TopK best)
    {
        _work.Prepare(_index);
        _vector = scratch.Query;
        _query = new RowQuery(new Int8Query(scratch.Query, Stride, scratch.Words), _arena.Pointer, _errors.Deviations);
        TKernel.Prepare(ref _query);
        ScoreGroups();
        ScanNearest(ref best);
        float mark = best.Threshold;
        int groups = ScoreKernel.Passing(_work.GroupScores, _index.Groups.Deviations, margin + CellSearcher.GroupMargin, mark, PaddedGroups, _work.Groups);
        int count = 0;
        for (int i = 0; i < groups; i++)
        {
            count = AddCells(_work.Groups[i], margin, mark, count);
        }

        ScanAll(count, ref best);
    }

    public void Dispose() => _arena.Dispose();

    private void ScoreGroups()
    {
        CodedCentroids groups = _index.Groups;
        CellKernel.Scores(groups.Codes, groups.Scales, groups.Blocks, Stride, _query.Codes, _work.GroupScores);
        for (int i = 0; i < PaddedGroups; i += Vector256<float>.Count)
        {
            Vector256<float> hasRows = Vector256.GreaterThanOrEqual(Vector256.Load(groups.Deviations + i), Vector256<float>.Zero);
            Vector256.ConditionalSelect(hasRows, Vector256.Load(_work.GroupScores + i), Vector256.Create(float.NegativeInfinity)).Store(_work.GroupScores + i);
        }
    }

    /// <summary>
    /// Scans the nearest cells in three steps: codes of all rows; vectors of the k rows that look best, which give a limit; vectors of the others that may
    /// exceed it.
    /// </summary>
    private void ScanNearest(ref TopK best)
    {
        int groups = 0;
        int cells = 0;
        int rows = 0;
        int* firsts = stackalloc int[LargestFirstCells + 1];
        firsts[0] = 0;
        while (cells < FirstCells || rows < best.Capacity)
        {
            int cell = NextNearest(ref groups, out float score);
            if (cell < 0)
            {
                break;
            }

            int count = ScoreRows(cell, score, firsts[cells]);
            rows += _index.CellEnd(cell) - _index.CellStart(cell);
            _work.Scanned[cell >> 6] |= 1UL << cell;
            _work.Candidates[cells++] = cell;
            if (cells == LargestFirstCells || firsts[cells - 1] + (2 * count) > CellScratch.RowScoresCapacity)
            {
                throw new InvalidOperationException("The first cells have more rows than this experiment makes room for; ask for fewer neighbours.");
            }

            firsts[cells] = firsts[cells - 1] + count;
        }

        RestoreGroupScores();
        float apparent = ScoreKernel.AtMostKth(_work.RowScores, firsts[cells], best.Capacity);
        ScoreFirst(cells, firsts, apparent, float.PositiveInfinity, ref best);
        ScoreFirst(cells, firsts, float.NegativeInfinity, apparent, ref best);
    }

    /// <summary>Writes the approximate similarities of a cell's rows and their bounds, returns how many, a multiple of 16; rows that only pad get -∞.</summary>
    private int ScoreRows(int cell, float score, int first)
    {
        int block = _codes.Start(cell);
        int blocks = _codes.Start(cell + 1) - block;
        int rows = _index.CellEnd(cell) - _index.CellStart(cell);
        float* scales = _codes.Scales + (2L * block);
        Aim(cell, score);
        TKernel.Scores(Codes(block), scales, blocks, _query, score, _work.RowScores + first);
        for (int i = 0; i < blocks; i++)
        {
            _firstBounds[(first / BlockRows) + i] = _query.Bound(scales[2 * i], scales[(2 * i) + 1]);
        }

        new Span<float>(_work.RowScores + first + rows, (blocks * BlockRows) - rows).Fill(float.NegativeInfinity);
        Scanned += rows;
        return blocks * BlockRows;
    }

    /// <summary>Scores the rows of the first cells that look as good as <paramref name="least"/>, less good than <paramref name="below"/>, and may be among the best.</summary>
    private void ScoreFirst(int cells, int* firsts, float least, float below, ref TopK best)
    {
        int waiting = 0;
        float threshold = best.Threshold;
        for (int i = 0; i < cells; i++)
        {
            int start = _index.CellStart(_work.Candidates[i]);
            for (int block = firsts[i]; block < firsts[i + 1]; block += BlockRows)
            {
                float limit = Math.Max(least, threshold - _firstBounds[block / BlockRows]);
                uint mask = Between(_work.RowScores + block, limit, below) | (Between(_work.RowScores + block + 8, limit, below) << 8);
                waiting = Append(mask, start + block - firsts[i], waiting);
            }
        }

        Score(waiting, ref best);
    }

    private static uint Between(float* scores, float limit, float below)
    {
        Vector256<float> values = Vector256.Load(scores);
        Vector256<float> isWanted = Vector256.GreaterThanOrEqual(values, Vector256.Create(Math.Max(limit, float.MinValue))) & Vector256.LessThan(values, Vector256.Create(below));
        return isWanted.ExtractMostSignificantBits();
    }

    private int NextNearest(ref int groups, out float score)
    {
        while (true)
        {
            int place = groups < FirstGroups ? -1 : ScoreKernel.Largest(_work.FirstScores, _work.FirstCount);
            if (place >= 0)
            {
                score = _work.FirstScores[place];
                _work.FirstScores[place] = float.NegativeInfinity;
                return _work.FirstCells[place];
            }
            else if (!OpenGroup(ref groups))
            {
                if (groups >= FirstGroups)
                {
                    score = 0;
                    return -1;
                }

                groups = FirstGroups;
            }
        }
    }

    private bool OpenGroup(ref int groups)
    {
        int group = ScoreKernel.Largest(_work.GroupScores, PaddedGroups);
        if (group < 0)
        {
            return false;
        }

        _work.Opened[_work.OpenedCount++] = new Neighbor(group, _work.GroupScores[group]);
        _work.GroupScores[group] = float.NegativeInfinity;
        _work.FirstCount = groups >= FirstGroups ? 0 : _work.FirstCount;
        groups++;
        int first = _index.GroupStart(group);
        int count = ScoreCells(group, _work.FirstScores + _work.FirstCount);
        for (int i = 0; i < count; i++)
        {
            _work.FirstCells[_work.FirstCount + i] = first + i;
            if (_index.Cells.Deviations[first + i] < 0)
            {
                _work.FirstScores[_work.FirstCount + i] = float.NegativeInfinity;
            }
        }

        _work.FirstCount += count;
        return true;
    }

    private void RestoreGroupScores()
    {
        for (int i = 0; i < _work.OpenedCount; i++)
        {
            _work.GroupScores[_work.Opened[i].Ordinal] = _work.Opened[i].Similarity;
        }
    }

    private int ScoreCells(int group, float* scores)
    {
        int first = _index.GroupStart(group);
        int count = _index.GroupEnd(group) - first;
        CodedCentroids cells = _index.Cells;
        CellKernel.Scores(
            cells.Codes + ((long)first * Stride),
            cells.Scales + (2L * (first / BlockRows)),
            count / BlockRows,
            Stride,
            _query.Codes,
            scores);
        return count;
    }

    private int AddCells(int group, float margin, float mark, int count)
    {
        int first = _index.GroupStart(group);
        int cells = ScoreCells(group, _work.CellScores);
        int passing = ScoreKernel.Passing(_work.CellScores, _index.Cells.Deviations + first, margin, mark, cells, _work.Candidates + count);
        int end = count + passing;
        for (int i = count; i < end; i++)
        {
            int place = _work.Candidates[i];
            int cell = first + place;
            if ((_work.Scanned[cell >> 6] & (1UL << cell)) == 0)
            {
                _candidateScores[count] = _work.CellScores[place];
                _work.Candidates[count++] = cell;
                _work.Scanned[cell >> 6] |= 1UL << cell;
            }
        }

        return count;
    }

    private void ScanAll(int count, ref TopK best)
    {
        int waiting = 0;
        for (int i = 0; i < count; i++)
        {
            if (i + 1 < count)
            {
                Prefetch(_work.Candidates[i + 1]);
            }

            int all = Scan(_work.Candidates[i], _candidateScores[i], waiting, ref best);
            int ready = Math.Min(waiting, all);
            Score(ready, ref best);
            for (int j = ready; j < all; j++)
            {
                _work.Pending[j - ready] = _work.Pending[j];
            }

            waiting = all - ready;
        }

        Score(waiting, ref best);
    }

    private void Prefetch(int cell)
    {
        int block = _codes.Start(cell);
        int bytes = Math.Min((_codes.Start(cell + 1) - block) * TKernel.BlockBytes, BytesFetchedAhead);
        byte* codes = Codes(block);
        Sse.Prefetch0(_codes.Scales + (2L * block));
        for (int line = 0; line < bytes; line += 64)
        {
            Sse.Prefetch0(codes + line);
        }
    }

    private int Scan(int cell, float score, int waiting, ref TopK best)
    {
        int row = _index.CellStart(cell);
        int end = _index.CellEnd(cell);
        int lastBlock = _codes.Start(cell + 1) - 1;
        Scanned += end - row;
        Aim(cell, score);
        for (int block = _codes.Start(cell); block <= lastBlock; block += CellScratch.BlocksPerCall)
        {
            int blocks = Math.Min(CellScratch.BlocksPerCall, lastBlock + 1 - block);
            if (waiting + (blocks * BlockRows) > CellScratch.PendingRows)
            {
                Score(waiting, ref best);
                waiting = 0;
            }

            TKernel.Exceeding(Codes(block), _codes.Scales + (2L * block), blocks, _query, score, best.Threshold, _work.Masks);
            for (int i = 0; i < blocks; i++, row += BlockRows)
            {
                uint mask = _work.Masks[i];
                if (mask != 0)
                {
                    mask = row + BlockRows > end ? mask & (0xFFFFu >> (row + BlockRows - end)) : mask;
                    waiting = Append(mask, row, waiting);
                }
            }
        }

        return waiting;
    }

    private void Aim(int cell, float score)
    {
        if (_errors.IsSplit)
        {
            (float inverseNorm, float along) = _codes.Cell(cell);
            _query.Aim(score, inverseNorm, along);
        }
    }

    private int Append(uint rows, int first, int waiting)
    {
        for (; rows != 0; rows &= rows - 1)
        {
            int row = first + BitOperations.TrailingZeroCount(rows);
            float* vector = _vectors + ((long)row * Stride);
            Sse.Prefetch0(vector);
            Sse.Prefetch0(vector + 16);
            _work.Pending[waiting++] = row;
        }

        return waiting;
    }

    private void Score(int count, ref TopK best)
    {
        Scored += count;
        float threshold = best.Threshold;
        for (int i = 0; i < count; i++)
        {
            int row = _work.Pending[i];
            float similarity = CosineOfUnitVectors.Similarity(_vectors + ((long)row * Stride), _vector, Stride);
            if (similarity >= threshold)
            {
                best.Offer(new Neighbor(row, similarity));
                threshold = best.Threshold;
            }
        }
    }

    private byte* Codes(int block) => _codes.Codes + ((long)block * TKernel.BlockBytes);
}
