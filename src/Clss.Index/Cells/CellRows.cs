using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Scans runs of rows for one query: codes rule out most rows, the rest wait until their vectors have come from memory and are scored then.
/// </summary>
internal readonly unsafe struct CellRows
{
    private const int BlockRows = VectorLayout.CodeBlockRows;

    // What a search needs of the next cell fits in the first-level cache with what it needs of this one.
    private const int BlocksFetchedAhead = 16;

    private readonly ScanRange _range;
    private readonly CellScratch _work;
    private readonly float* _query;
    private readonly Int8Query _codes;
    private readonly bool _isFull;

    /// <summary><paramref name="isFull"/> states that every row of the range is wanted.</summary>
    public CellRows(in ScanRange range, SearchScratch scratch, in Int8Query codes, bool isFull)
    {
        _range = range;
        _work = scratch.Cells;
        _query = scratch.Query;
        _codes = codes;
        _isFull = isFull;
    }

    /// <summary>How many rows of the run are wanted.</summary>
    public int Count(int start, int end) => _isFull ? end - start : BitRuns.Count(_range.Alive, _range.Accepted, start, end);

    /// <summary>Asks for the codes of a run.</summary>
    public void Prefetch(int start, int end)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        int block = start / BlockRows;
        int blocks = Math.Min(((end + BlockRows - 1) / BlockRows) - block, BlocksFetchedAhead);
        byte* codes = Codes(block);
        Sse.Prefetch0(_range.Scales + (2L * block));
        for (int line = 0; line < blocks * BlockRows * _range.Stride; line += 64)
        {
            Sse.Prefetch0(codes + line);
        }
    }

    /// <summary>Writes the approximate similarities of a run's blocks, those of rows that are not wanted being -∞; returns how many were written, a multiple of 16.</summary>
    public int Scores(int start, int end, float* scores, ref float largestError)
    {
        int block = start / BlockRows;
        int blocks = ((end - 1) / BlockRows) - block + 1;
        CellKernel.Scores(Codes(block), _range.Scales + (2L * block), blocks, _range.Stride, _codes, scores);
        for (int i = 0; i < blocks; i++)
        {
            largestError = Math.Max(largestError, _range.Scales[(2L * (block + i)) + 1]);
            for (uint unwanted = ~Wanted(block + i, start, end) & 0xFFFF; unwanted != 0; unwanted &= unwanted - 1)
            {
                scores[(i * BlockRows) + BitOperations.TrailingZeroCount(unwanted)] = float.NegativeInfinity;
            }
        }

        return blocks * BlockRows;
    }

    /// <summary>
    /// Scans a run; appends the rows that codes do not rule out at a limit, or at the worst kept similarity where that is higher, to the waiting ones.
    /// Returns how many wait then.
    /// </summary>
    public int Scan(int start, int end, float limit, int waiting, ref TopK best)
    {
        int lastBlock = (end - 1) / BlockRows;
        for (int block = start / BlockRows; block <= lastBlock; block += CellScratch.BlocksPerCall)
        {
            int blocks = Math.Min(CellScratch.BlocksPerCall, lastBlock + 1 - block);
            if (waiting + (blocks * BlockRows) > CellScratch.PendingRows)
            {
                Score(waiting, ref best);
                waiting = 0;
            }

            CellKernel.Exceeding(Codes(block), _range.Scales + (2L * block), blocks, _range.Stride, _codes, Math.Max(limit, best.Threshold), _work.Masks);
            for (int i = 0; i < blocks; i++)
            {
                if (_work.Masks[i] != 0)
                {
                    waiting = Append(_work.Masks[i] & Wanted(block + i, start, end), (block + i) * BlockRows, waiting);
                }
            }
        }

        return waiting;
    }

    /// <summary>Scores every row of a list.</summary>
    public void ScoreList(int[] rows, ref TopK best)
    {
        const int Piece = 64;
        for (int first = 0; first < rows.Length; first += Piece)
        {
            int count = Math.Min(Piece, rows.Length - first);
            for (int i = 0; i < count; i++)
            {
                Fetch(rows[first + i]);
                _work.Pending[i] = rows[first + i];
            }

            Score(count, ref best);
        }
    }

    /// <summary>Scores the first of the waiting rows.</summary>
    public void Score(int count, ref TopK best)
    {
        float threshold = best.Threshold;
        StoredVectors vectors = _range.Vectors;
        for (int i = 0; i < count; i++)
        {
            int row = _work.Pending[i];
            float similarity = vectors.Similarity(row, _query);
            if (similarity >= threshold)
            {
                best.Offer(new Neighbor(_range.FirstOrdinal + row, similarity));
                threshold = best.Threshold;
            }
        }
    }

    private byte* Codes(int block) => _range.Codes + ((long)block * BlockRows * _range.Stride);

    private ulong WantedWord(int word) => _range.Accepted is null ? _range.Alive[word] : _range.Alive[word] & _range.Accepted[word];

    /// <summary>The rows of a block that belong to the run and are wanted.</summary>
    private uint Wanted(int block, int start, int end)
    {
        int first = block * BlockRows;
        uint rows = 0xFFFF;
        rows &= first < start ? 0xFFFFu << (start - first) : 0xFFFF;
        rows &= first + BlockRows > end ? 0xFFFFu >> (first + BlockRows - end) : 0xFFFF;
        return _isFull ? rows : rows & (uint)(WantedWord(first >> 6) >> (first & 63));
    }

    private int Append(uint rows, int first, int waiting)
    {
        for (; rows != 0; rows &= rows - 1)
        {
            int row = first + BitOperations.TrailingZeroCount(rows);
            Fetch(row);
            _work.Pending[waiting++] = row;
        }

        return waiting;
    }

    /// <summary>Asks for the vector of a row.</summary>
    private void Fetch(int row) => _range.Vectors.PrefetchStart(row);
}
