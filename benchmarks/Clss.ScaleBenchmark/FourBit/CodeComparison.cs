using System.Globalization;
using Clss.Index;
using Clss.Index.Cells;
using Clss.Index.Flat;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// Searches with 8-bit and with 4-bit codes by turns, in one process, so that what else the machine does falls on all alike: ratios of medians are the result.
/// With rigorous bounds the rows found must be the same, bit for bit.
/// </summary>
internal sealed unsafe class CodeComparison : IDisposable
{
    private const int Dimension = RowQuery.Dimension;
    private const int K = 10;
    private const int Rounds = 9;

    private readonly CellIndex _index;
    private readonly ScanRange _range;
    private readonly float[] _queries;
    private readonly SearchScratch _scratch = new(Dimension);
    private readonly List<Arm> _arms = [];
    private readonly List<IDisposable> _owned = [];

    public CodeComparison(CellIndex index, in ScanRange range, float[] queries)
    {
        _index = index;
        _range = range;
        _queries = queries;
    }

    private int Queries => _queries.Length / Dimension;

    public void Run(CodeChoice choice, int threads, Neighbor[] truth, int step)
    {
        if (choice == CodeChoice.Both)
        {
            _arms.Add(new Arm("int8, the index", true, SearchIndex, null));
            Add<Int8Control>(threads, ErrorModel.Plain);
        }

        Add<VnniKernel>(threads, ErrorModel.Plain, ErrorModel.Split, ErrorModel.Statistical(4), ErrorModel.Statistical(3), ErrorModel.Statistical(2));
        Add<PairKernel>(threads, ErrorModel.Split);
        Add<TableKernel>(threads, ErrorModel.Split);
        Console.WriteLine("recall\tcodes\tmicroseconds\tqueries/s\tratio\trows scanned\trows rescored\trecall@10\tlost of 100 000");
        foreach (double recall in new[] { 0.95, 0.99, 0.999 })
        {
            Measure(recall, truth, step);
        }
    }

    public void Dispose()
    {
        _owned.ForEach(owned => owned.Dispose());
        _scratch.Dispose();
    }

    private void Add<TKernel>(int threads, params ErrorModel[] models)
        where TKernel : IRowKernel
    {
        RowCodes codes = RowCodes.Encode<TKernel>(_index, _range.Vectors.Row(0, null), threads);
        _owned.Add(codes);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{TKernel.Name}: {codes.Bytes / (double)_range.End:f1} bytes a row, mean error bound {codes.MeanError():f4}, along the centroid {codes.MeanAlong():f4}"));
        foreach (ErrorModel model in models)
        {
            var searcher = new ResidualSearcher<TKernel>(_index, codes, _range.Vectors.Row(0, null), _scratch, model);
            _owned.Insert(0, searcher);
            void Search(float margin, Neighbor[] found) => ForEach(found, (Span<Neighbor> memory) =>
            {
                var best = new TopK(memory);
                searcher.Run(_scratch, margin, ref best);
                best.Sort();
            });
            _arms.Add(new Arm($"{TKernel.Name}, {model.Name}", model.IsRigorous, Search, () => (searcher.Scanned, searcher.Scored)));
        }
    }

    private void SearchIndex(float margin, Neighbor[] found) => ForEach(found, memory =>
    {
        var best = new TopK(memory);
        new CellSearcher(_index, _range, _scratch, new Int8Query(_scratch.Query, Dimension, _scratch.Words), null, isFull: true).Run(margin, ref best);
        best.Sort();
    });

    private void ForEach(Neighbor[] found, SearchOne search)
    {
        for (int i = 0; i < Queries; i++)
        {
            _scratch.SetQuery(_queries.AsSpan(i * Dimension, Dimension), Dimension);
            search(found.AsSpan(i * K, K));
        }
    }

    private void Measure(double recall, Neighbor[] truth, int step)
    {
        float margin = _index.Margins.For(recall);
        var found = new Neighbor[_arms.Count][];
        var counts = new (long Scanned, long Scored)[_arms.Count];
        for (int i = 0; i < _arms.Count; i++)
        {
            found[i] = new Neighbor[Queries * K];
            (long scanned, long scored) = _arms[i].Counts?.Invoke() ?? default;
            _arms[i].Search(margin, found[i]);
            (long Scanned, long Scored) after = _arms[i].Counts?.Invoke() ?? default;
            counts[i] = (after.Scanned - scanned, after.Scored - scored);
        }

        var seconds = new double[_arms.Count][];
        Array.ForEach(Enumerable.Range(0, _arms.Count).ToArray(), i => seconds[i] = new double[Rounds]);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < _arms.Count; i++)
            {
                TimeSpan before = Environment.CpuUsage.TotalTime;
                _arms[i].Search(margin, found[i]);
                seconds[i][round] = (Environment.CpuUsage.TotalTime - before).TotalSeconds;
            }
        }

        for (int i = 0; i < _arms.Count; i++)
        {
            double median = seconds[i].Order().ElementAt(Rounds / 2);
            double ratio = Enumerable.Range(0, Rounds).Select(round => seconds[0][round] / seconds[i][round]).Order().ElementAt(Rounds / 2);
            int lost = Lost(found[i], found[0]);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{recall}\t{_arms[i].Name}\t{median / Queries * 1e6:f2}\t{Queries / median:f0}\t{ratio:f3}\t{counts[i].Scanned / (double)Queries:f0}\t{counts[i].Scored / (double)Queries:f1}\t{Recall(found[i], truth, step):f4}\t{lost * 100_000.0 / found[i].Length:f0}"));
            if (_arms[i].IsRigorous && !found[i].AsSpan().SequenceEqual(found[0]))
            {
                throw new InvalidOperationException($"{_arms[i].Name} found other rows than {_arms[0].Name} at recall {recall}.");
            }
        }
    }

    /// <summary>Rows of one result that the other lacks.</summary>
    private int Lost(Neighbor[] found, Neighbor[] reference)
    {
        int lost = 0;
        for (int i = 0; i < Queries; i++)
        {
            foreach (Neighbor row in reference.AsSpan(i * K, K))
            {
                lost += found.AsSpan(i * K, K).Contains(row) ? 0 : 1;
            }
        }

        return lost;
    }

    private static double Recall(Neighbor[] found, Neighbor[] truth, int step)
    {
        int hits = 0;
        for (int i = 0; i < truth.Length / K; i++)
        {
            foreach (Neighbor row in found.AsSpan(i * step * K, K))
            {
                hits += truth.AsSpan(i * K, K).Contains(row) ? 1 : 0;
            }
        }

        return hits / (double)truth.Length;
    }

    /// <summary>One way to search, with how many rows it has scanned and rescored so far.</summary>
    private sealed record Arm(string Name, bool IsRigorous, Action<float, Neighbor[]> Search, Func<(long Scanned, long Scored)>? Counts);

    private delegate void SearchOne(Span<Neighbor> memory);
}
