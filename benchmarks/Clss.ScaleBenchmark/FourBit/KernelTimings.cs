using System.Diagnostics;
using System.Globalization;
using Clss.Index;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.ScaleBenchmark.FourBit;

/// <summary>
/// Nanoseconds a row of each scan kernel, cell by cell over as many rows as have 8-bit codes of a size: half a megabyte (second-level cache), 20 MB (third),
/// 400 MB (memory). Kernels take turns; the medians of the times and of the ratios to 8-bit codes are printed.
/// </summary>
internal sealed unsafe class KernelTimings
{
    private const int BlocksPerCell = 7;
    private const int BlockRows = VectorLayout.CodeBlockRows;
    private const int Stride = RowQuery.Dimension;
    private const int Rounds = 15;
    private const long RowsPerTiming = 20_000_000;

    private readonly List<(string Name, Func<int, long> Sweep)> _kernels = [];

    public static void Run()
    {
        Console.WriteLine("8-bit codes\tkernel\tns a row\ttimes as fast as int8");
        foreach ((string place, int bytes) in new[] { ("0.5 MB", 1 << 19), ("20 MB", 20_000_000), ("400 MB", 400_000_000) })
        {
            int cells = bytes / Stride / BlockRows / BlocksPerCell;
            using var int8 = new Codes<Int8Control>(cells);
            using var vnni = new Codes<VnniKernel>(cells);
            using var pairs = new Codes<PairKernel>(cells);
            using var tables = new Codes<TableKernel>(cells);
            var timings = new KernelTimings();
            timings._kernels.Add(("int8, VNNI", int8.Sweep));
            timings._kernels.Add((VnniKernel.Name, vnni.Sweep));
            timings._kernels.Add((PairKernel.Name, pairs.Sweep));
            timings._kernels.Add((TableKernel.Name, tables.Sweep));
            timings.Measure(place, cells);
        }
    }

    private void Measure(string place, int cells)
    {
        long rows = (long)cells * BlocksPerCell * BlockRows;
        int repeats = (int)Math.Max(1, RowsPerTiming / rows);
        var times = new double[_kernels.Count][];
        for (int i = 0; i < times.Length; i++)
        {
            times[i] = new double[Rounds];
            _ = _kernels[i].Sweep(1);
        }

        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < times.Length; i++)
            {
                TimeSpan before = Environment.CpuUsage.TotalTime;
                _ = _kernels[i].Sweep(repeats);
                times[i][round] = (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / rows / repeats;
            }
        }

        for (int i = 0; i < times.Length; i++)
        {
            double ratio = Enumerable.Range(0, Rounds).Select(round => times[0][round] / times[i][round]).Order().ElementAt(Rounds / 2);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{place}\t{_kernels[i].Name}\t{times[i].Order().ElementAt(Rounds / 2):f3}\t{ratio:f2}"));
        }
    }

    /// <summary>Random codes of a kernel, with a limit that no row exceeds.</summary>
    private sealed class Codes<TKernel> : IDisposable
        where TKernel : IRowKernel
    {
        private const float Limit = 1;
        private const float ScaleOfCodes = 1e-4f;

        private readonly int _cells;
        private readonly NativeArena _arena;
        private readonly SearchScratch _scratch = new(Stride);
        private readonly NativeArena _memory = new(RowQuery.MemoryBytes + (BlocksPerCell * sizeof(ushort)));
        private readonly float* _scales;

        public Codes(int cells)
        {
            _cells = cells;
            long blocks = (long)cells * BlocksPerCell;
            _arena = new NativeArena((blocks * TKernel.BlockBytes) + (blocks * 2 * sizeof(float)));
            _scales = (float*)(_arena.Pointer + (blocks * TKernel.BlockBytes));
            var random = new Random(1);
            for (long block = 0; block < blocks; block++)
            {
                random.NextBytes(new Span<byte>(_arena.Pointer + (block * TKernel.BlockBytes), TKernel.BlockBytes));
                (_scales[2 * block], _scales[(2 * block) + 1]) = (ScaleOfCodes, ScaleOfCodes);
            }

            float[] vector = [.. Enumerable.Range(0, Stride).Select(_ => (float)(random.NextDouble() - 0.5))];
            _scratch.SetQuery(vector, Stride);
        }

        public long Sweep(int repeats)
        {
            var query = new RowQuery(new Int8Query(_scratch.Query, Stride, _scratch.Words), _memory.Pointer, 0);
            TKernel.Prepare(ref query);
            var masks = (ushort*)(_memory.Pointer + RowQuery.MemoryBytes);
            long found = 0;
            for (int repeat = 0; repeat < repeats; repeat++)
            {
                for (int cell = 0; cell < _cells; cell++)
                {
                    long block = (long)cell * BlocksPerCell;
                    TKernel.Exceeding(_arena.Pointer + (block * TKernel.BlockBytes), _scales + (2 * block), BlocksPerCell, query, 0, Limit, masks);
                    found += masks[0];
                }
            }

            return found;
        }

        public void Dispose()
        {
            _arena.Dispose();
            _memory.Dispose();
            _scratch.Dispose();
        }
    }
}
