using System.Runtime.Intrinsics;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Searches the cells of one partition for one query. First the cells nearest to the query are scanned until k rows are known; the worst of these is
/// the mark to beat. Then every cell is scanned that may hold a better row: one where similarity of the centroid + margin · deviation of its rows
/// exceeds the mark. Queries in dense, known regions so scan few cells and others many; a fixed number of cells would give the first too many
/// and the second too few.
/// </summary>
/// <remarks>
/// Which cells are scanned depends on the mark after the first step only, and within a cell every row is scored whose code cannot rule it out
/// (<see cref="ErrorBound"/>). So the result is the best k of a set of rows that does not depend on the order of the work: a batch finds the same.
/// </remarks>
internal readonly unsafe struct CellSearcher
{
    // Rows of groups do not spread evenly in all directions as those of cells nearly do, so groups get a wider margin.
    public const float GroupMargin = 2;

    // Cells are means, which lie closer to the means of their groups than rows do.
    private const float NearestMargin = 4;

    private const int FirstGroups = 2;
    private const int FirstCells = 2;

    private readonly CellIndex _index;
    private readonly CellScratch _work;
    private readonly Int8Query _codes;
    private readonly CellRows _rows;
    private readonly int _stride;
    private readonly float* _cellDeviations;
    private readonly float* _groupDeviations;

    /// <summary>
    /// <paramref name="selection"/> is what a filter leaves, or null without one; <paramref name="isFull"/> states that every row of the range is wanted.
    /// </summary>
    public CellSearcher(CellIndex index, in ScanRange range, SearchScratch scratch, in Int8Query codes, CellSelection? selection, bool isFull)
    {
        _index = index;
        _work = scratch.Cells;
        _codes = codes;
        _stride = range.Stride;
        _cellDeviations = selection is null ? index.Cells.Deviations : selection.CellDeviations;
        _groupDeviations = selection is null ? index.Groups.Deviations : selection.GroupDeviations;
        _rows = new CellRows(range, scratch, codes, isFull);
        _work.Prepare(index);
    }

    private int PaddedGroups => _index.Groups.Blocks * VectorLayout.CodeBlockRows;

    /// <summary>Offers the rows found to <paramref name="best"/>.</summary>
    public void Run(float margin, ref TopK best)
    {
        ScoreGroups();
        ScanNearest(ref best);
        float mark = best.Threshold;
        int groups = ScoreKernel.Passing(_work.GroupScores, _groupDeviations, margin + GroupMargin, mark, PaddedGroups, _work.Groups);
        int count = 0;
        for (int i = 0; i < groups; i++)
        {
            count = AddCells(_work.Groups[i], margin, mark, count);
        }

        ScanAll(count, ref best);
    }

    /// <summary>Scans a number of cells, the nearest first.</summary>
    public void RunProbes(int probes, ref TopK best)
    {
        probes = Math.Min(probes, _index.CellCount);
        var nearest = new TopK(new Span<Neighbor>(_work.Nearest, probes));
        for (int group = 0; group < _index.GroupCount; group++)
        {
            int first = _index.GroupStart(group);
            int count = ScoreCells(group, _work.CellScores);
            for (int i = 0; i < count; i++)
            {
                if (_work.CellScores[i] >= nearest.Threshold && _cellDeviations[first + i] >= 0)
                {
                    nearest.Offer(new Neighbor(first + i, _work.CellScores[i]));
                }
            }
        }

        int found = nearest.Count;
        nearest.Sort();
        for (int i = 0; i < found; i++)
        {
            int cell = _work.Nearest[i].Ordinal;
            _work.Candidates[i] = cell;
            _work.Scanned[cell >> 6] |= 1UL << cell;
        }

        ScanAll(found, ref best);
    }

    /// <summary>Finds exactly the best rows: scans every cell that the distance of its farthest row does not rule out.</summary>
    public void RunExact(ref TopK best)
    {
        ScoreGroups();
        ScanNearest(ref best);
        (float groupSlack, float cellSlack) = Slacks();
        for (int group = ScoreKernel.Largest(_work.GroupScores, PaddedGroups); group >= 0; group = ScoreKernel.Largest(_work.GroupScores, PaddedGroups))
        {
            float score = _work.GroupScores[group];
            _work.GroupScores[group] = float.NegativeInfinity;
            if (score + _index.Groups.Radii[group] + groupSlack < best.Threshold)
            {
                continue;
            }

            int first = _index.GroupStart(group);
            int count = ScoreCells(group, _work.CellScores);
            for (int i = 0; i < count; i++)
            {
                int cell = first + i;
                if (_work.CellScores[i] + _index.Cells.Radii[cell] + cellSlack >= best.Threshold && !IsScanned(cell) && _cellDeviations[cell] >= 0)
                {
                    _work.Scanned[cell >> 6] |= 1UL << cell;
                    int waiting = _rows.Scan(_index.CellStart(cell), _index.CellEnd(cell), float.NegativeInfinity, 0, ref best);
                    _rows.Score(waiting, ref best);
                }
            }
        }
    }

    /// <summary>After a search: tells which cells it scanned and, unless it was exact, how good the rows of the others may be where that is as good as the worst found.</summary>
    public void Report(SearchTally tally, bool isExact, float worst)
    {
        for (int cell = 0; cell < _index.CellCount; cell++)
        {
            if (IsScanned(cell))
            {
                tally.AddCell(_rows.Count(_index.CellStart(cell), _index.CellEnd(cell)));
            }
        }

        if (!isExact)
        {
            tally.LeaveOut(LargestLeftOut(worst));
        }
    }

    /// <summary>No row of a cell that was left out is more similar than this; -∞ where none is as similar as <paramref name="worst"/>.</summary>
    private float LargestLeftOut(float worst)
    {
        float largest = float.NegativeInfinity;
        ScoreGroups();
        (float groupSlack, float cellSlack) = Slacks();
        for (int group = 0; group < _index.GroupCount; group++)
        {
            if (_work.GroupScores[group] + _index.Groups.Radii[group] + groupSlack < worst)
            {
                continue;
            }

            int first = _index.GroupStart(group);
            int count = ScoreCells(group, _work.CellScores);
            for (int i = 0; i < count; i++)
            {
                float bound = _work.CellScores[i] + _index.Cells.Radii[first + i] + cellSlack;
                if (bound >= worst && bound > largest && !IsScanned(first + i) && _cellDeviations[first + i] >= 0)
                {
                    largest = bound;
                }
            }
        }

        return largest;
    }

    /// <summary>The cell most similar to the query of a scratch, among those of its nearest groups and of groups that may hold a more similar one.</summary>
    public static int NearestCell(CellIndex index, SearchScratch scratch)
    {
        CellScratch work = scratch.Cells;
        int nearest = NearestGroup(index, scratch);
        Int8Query codes = SignedQuery.Attach(new Int8Query(scratch.Query, scratch.Stride, scratch.Words), scratch.Stride, work.Signed);
        (int cell, float score) = (-1, float.NegativeInfinity);
        Compare(nearest);
        int groups = ScoreKernel.Passing(work.GroupScores, index.Groups.Deviations, NearestMargin, score, index.Groups.Blocks * VectorLayout.CodeBlockRows, work.Groups);
        for (int i = 0; i < groups; i++)
        {
            Compare(work.Groups[i]);
        }

        return cell;

        void Compare(int group)
        {
            int first = index.GroupStart(group);
            int count = ScoreCells(index, group, scratch.Stride, codes, work.CellScores);
            for (int i = 0; i < count; i++)
            {
                if (work.CellScores[i] > score && index.Cells.Deviations[first + i] >= 0)
                {
                    (cell, score) = (first + i, work.CellScores[i]);
                }
            }
        }
    }

    /// <summary>The group most similar to the query of a scratch.</summary>
    public static int NearestGroup(CellIndex index, SearchScratch scratch)
    {
        scratch.Cells.Prepare(index);
        var codes = new Int8Query(scratch.Query, scratch.Stride, scratch.Words);
        CellKernel.Scores(index.Groups.Codes, index.Groups.Scales, index.Groups.Blocks, scratch.Stride, codes, scratch.Cells.GroupScores);
        return ScoreKernel.Largest(scratch.Cells.GroupScores, index.Groups.Blocks * VectorLayout.CodeBlockRows);
    }

    /// <summary>What <see cref="ScanNearest"/> does, on a layout that is not written yet: the cells that it scans and the mark that it sets.</summary>
    public static (HashSet<int> Cells, float Mark) SimulateFirst(CellLayout layout, float[] groupScores, float[] cellScores, int k, Func<int, float?> similarity)
    {
        HashSet<int> cells = [];
        List<int> candidates = [];
        var memory = new Neighbor[k];
        var best = new TopK(memory);
        int[] order = [.. Enumerable.Range(0, groupScores.Length).OrderByDescending(group => groupScores[group])];
        int groups = 0;
        while (cells.Count < FirstCells || best.Count < k)
        {
            for (; groups < order.Length && (groups < FirstGroups || candidates.Count == 0); groups++)
            {
                int group = order[groups];
                candidates.AddRange(Enumerable.Range(layout.GroupCells[group], layout.GroupCells[group + 1] - layout.GroupCells[group]).Where(cell => layout.CellStarts[cell] < layout.CellStarts[cell + 1]));
            }

            if (candidates.Count == 0)
            {
                break;
            }

            int nearest = candidates.MaxBy(cell => cellScores[cell]);
            candidates.Remove(nearest);
            cells.Add(nearest);
            for (int place = layout.CellStarts[nearest]; place < layout.CellStarts[nearest + 1]; place++)
            {
                if (similarity(layout.Order[place]) is float value)
                {
                    best.Offer(new Neighbor(layout.Order[place], value));
                }
            }
        }

        return (cells, best.Threshold);
    }

    /// <summary>
    /// Scans the nearest cells of the nearest groups: as many as have k wanted rows, at least <see cref="FirstCells"/>. Before any vector is read, the codes
    /// tell which of their rows can be among the best k.
    /// </summary>
    private void ScanNearest(ref TopK best)
    {
        int groups = 0;
        int cells = 0;
        int rows = 0;
        int scored = 0;
        float largestError = 0;
        while (cells < FirstCells || rows < best.Capacity)
        {
            int cell = NextNearest(ref groups);
            if (cell < 0)
            {
                break;
            }

            int start = _index.CellStart(cell);
            int end = _index.CellEnd(cell);
            rows += _rows.Count(start, end);
            _work.Scanned[cell >> 6] |= 1UL << cell;
            _work.Candidates[cells++] = cell;
            if (scored >= 0 && scored + (end - start) + (2 * VectorLayout.CodeBlockRows) <= CellScratch.RowScoresCapacity)
            {
                scored += _rows.Scores(start, end, _work.RowScores + scored, ref largestError);
            }
            else
            {
                scored = -1;
            }
        }

        RestoreGroupScores();
        float limit = scored > 0
            ? ScoreKernel.AtMostKth(_work.RowScores, scored, best.Capacity) - ((_codes.PerError * largestError) + _codes.Constant)
            : float.NegativeInfinity;
        int waiting = 0;
        for (int i = 0; i < cells; i++)
        {
            waiting = _rows.Scan(_index.CellStart(_work.Candidates[i]), _index.CellEnd(_work.Candidates[i]), limit, waiting, ref best);
        }

        _rows.Score(waiting, ref best);
    }

    /// <summary>The nearest cell with wanted rows that was not given yet, from the first groups; where these have no more, further groups are opened.</summary>
    private int NextNearest(ref int groups)
    {
        while (true)
        {
            int place = groups < FirstGroups ? -1 : ScoreKernel.Largest(_work.FirstScores, _work.FirstCount);
            if (place >= 0)
            {
                _work.FirstScores[place] = float.NegativeInfinity;
                return _work.FirstCells[place];
            }
            else if (!OpenGroup(ref groups))
            {
                if (groups >= FirstGroups)
                {
                    return -1;
                }

                groups = FirstGroups;
            }
        }
    }

    /// <summary>Adds the cells of the most similar group that is not open to those that <see cref="NextNearest"/> chooses from.</summary>
    private bool OpenGroup(ref int groups)
    {
        int group = ScoreKernel.Largest(_work.GroupScores, PaddedGroups);
        if (group < 0)
        {
            return false;
        }

        _work.Opened[_work.OpenedCount++] = new Neighbor(group, _work.GroupScores[group]);
        _work.GroupScores[group] = float.NegativeInfinity;
        if (groups >= FirstGroups)
        {
            // All cells of the groups before were given.
            _work.FirstCount = 0;
        }

        groups++;
        int first = _index.GroupStart(group);
        int count = ScoreCells(group, _work.FirstScores + _work.FirstCount);
        for (int i = 0; i < count; i++)
        {
            _work.FirstCells[_work.FirstCount + i] = first + i;
            if (_cellDeviations[first + i] < 0)
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

    private void ScoreGroups()
    {
        CodedCentroids groups = _index.Groups;
        CellKernel.Scores(groups.Codes, groups.Scales, groups.Blocks, _stride, _codes, _work.GroupScores);
        for (int i = 0; i < PaddedGroups; i += Vector256<float>.Count)
        {
            Vector256<float> hasRows = Vector256.GreaterThanOrEqual(Vector256.Load(_groupDeviations + i), Vector256<float>.Zero);
            Vector256.ConditionalSelect(hasRows, Vector256.Load(_work.GroupScores + i), Vector256.Create(float.NegativeInfinity)).Store(_work.GroupScores + i);
        }
    }

    /// <summary>Writes the similarities of a group's cells and returns how many there are, a multiple of 16.</summary>
    private int ScoreCells(int group, float* scores) => ScoreCells(_index, group, _stride, _codes, scores);

    private static int ScoreCells(CellIndex index, int group, int stride, in Int8Query codes, float* scores)
    {
        int first = index.GroupStart(group);
        int count = index.GroupEnd(group) - first;
        CellKernel.Scores(
            index.Cells.Codes + ((long)first * stride),
            index.Cells.Scales + (2L * (first / VectorLayout.CodeBlockRows)),
            count / VectorLayout.CodeBlockRows,
            stride,
            codes,
            scores);
        return count;
    }

    /// <summary>Adds the cells of a group that may hold a row better than the mark and were not scanned.</summary>
    private int AddCells(int group, float margin, float mark, int count)
    {
        int first = _index.GroupStart(group);
        int cells = ScoreCells(group, _work.CellScores);
        int passing = ScoreKernel.Passing(_work.CellScores, _cellDeviations + first, margin, mark, cells, _work.Candidates + count);
        int end = count + passing;
        for (int i = count; i < end; i++)
        {
            int cell = first + _work.Candidates[i];
            if (!IsScanned(cell))
            {
                _work.Candidates[count++] = cell;
                _work.Scanned[cell >> 6] |= 1UL << cell;
            }
        }

        return count;
    }

    /// <summary>Scans the candidates. Rows wait to be scored while the next cell is scanned, so that their vectors have arrived by then.</summary>
    private void ScanAll(int count, ref TopK best)
    {
        int waiting = 0;
        for (int i = 0; i < count; i++)
        {
            if (i + 1 < count)
            {
                int next = _work.Candidates[i + 1];
                _rows.Prefetch(_index.CellStart(next), _index.CellEnd(next));
            }

            int cell = _work.Candidates[i];
            int all = _rows.Scan(_index.CellStart(cell), _index.CellEnd(cell), float.NegativeInfinity, waiting, ref best);
            int ready = Math.Min(waiting, all);
            _rows.Score(ready, ref best);
            for (int j = ready; j < all; j++)
            {
                _work.Pending[j - ready] = _work.Pending[j];
            }

            waiting = all - ready;
        }

        _rows.Score(waiting, ref best);
    }

    /// <summary>What the codes of groups and of cells may be wrong by.</summary>
    private (float Groups, float Cells) Slacks() => (
        (_codes.PerError * _index.Groups.LargestError) + _codes.Constant,
        (_codes.PerError * _index.Cells.LargestError) + _codes.Constant);

    private bool IsScanned(int cell) => (_work.Scanned[cell >> 6] & (1UL << cell)) != 0;
}
