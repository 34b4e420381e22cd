using System.Runtime.InteropServices;
using Clss.Index.Cells;
using Clss.Index.Vectors;
using Clss.Testing.SyntheticDomains;

namespace Clss.Index.Tests.Cells;

/// <summary>Building cells: what every layout must satisfy, over awkward data, and that nothing depends on the number of threads.</summary>
public sealed unsafe class CellBuilderTests
{
    public static TheoryData<string, int, int> AllShapes
    {
        get
        {
            var shapes = new TheoryData<string, int, int>();
            foreach (string shape in CellData.Shapes)
            {
                foreach (int rows in (int[])[1, 2, 15, 16, 17, 700])
                {
                    shapes.Add(shape, rows, 32);
                }

                shapes.Add(shape, 100, 16);
                shapes.Add(shape, 300, 48);
            }

            return shapes;
        }
    }

    [Trait("Tier", "any")]
    [Theory]
    [MemberData(nameof(AllShapes))]
    public void Build_OfAnyRows_DividesThemAndBoundsThem(string shape, int rows, int stride)
    {
        using var data = new Rows([.. Enumerable.Range(0, rows).SelectMany(row => CellData.Vector(shape, row, stride, 1))], stride);
        foreach (CellSizes sizes in (CellSizes[])[CellSizes.For(rows, 8), new(1, 1), CellSizes.For(rows, 1), new(Math.Max(1, rows / 4), Math.Max(1, rows / 8))])
        {
            CellLayout layout = data.Build(sizes, threads: 1);
            Check(data, layout);
        }
    }

    [Fact]
    public void Build_OfTwoPoints_KeepsThemApart()
    {
        using var data = new Rows([.. Enumerable.Range(0, 200).SelectMany(row => CellData.Vector("two points", row, 32, 1))], 32);
        CellLayout layout = data.Build(new CellSizes(25, 1), threads: 1);
        int[] used = [.. Enumerable.Range(0, layout.CellStarts.Length - 1).Where(cell => layout.CellStarts[cell] < layout.CellStarts[cell + 1])];
        Assert.All(used, cell => Assert.InRange(layout.Spreads[(2 * cell) + 1], 0, 1e-6f));
    }

    [Fact]
    public void Build_OnAnyNumberOfThreads_GivesTheSame()
    {
        using Rows data = Domains(12_000);
        CellSizes sizes = CellSizes.For(12_000, 32);
        CellLayout first = data.Build(sizes, threads: 1);
        Check(data, first);
        foreach (int threads in (int[])[1, 2, 4])
        {
            AssertSame(first, data.Build(sizes, threads));
        }

        float[] margins = data.Calibrate(first, 1);
        Assert.Equal(margins, data.Calibrate(first, 2));
        Assert.Equal(margins, data.Calibrate(first, 4));
        Assert.Equal(RecallMargins.Count, margins.Length);
        Assert.Equal(margins.Order(), margins);
        Assert.InRange(margins[0], 0, margins[^1]);
        Assert.NotEqual(first.Order, data.Build(sizes, threads: 2, seed: 43).Order);
    }

    [Fact]
    public void Assign_ByTheRouter_GivesNearlyEveryRowItsNearestCell()
    {
        const int Count = 12_000;
        using Rows data = Domains(Count);
        CellLayout layout = data.Build(CellSizes.For(Count, 32), threads: 2);
        (float[] cells, int[] starts) = WithoutPadding(layout);
        int[] ids = [.. Enumerable.Range(0, Count).Select(i => (i * 7) % Count)];
        var found = new int[Count];
        using (var router = new CellRouter(cells, starts, 32))
        {
            router.Assign(data.Source, ids, found, threads: 2);
        }

        int nearest = 0;
        double loss = 0;
        double worst = 0;
        for (int i = 0; i < Count; i += 4)
        {
            double[] scores = data.NaiveScores(ids[i], cells);
            double lost = scores.Max() - scores[found[i]];
            nearest += lost < 1e-9 ? 1 : 0;
            loss += lost;
            worst = Math.Max(worst, lost);
        }

        // Of 8-bit codes and a margin that may miss: one row in twenty is not in its nearest cell, but then in one nearly as near.
        Assert.InRange(nearest, Count / 4 * 0.95, Count / 4);
        Assert.InRange(loss / (Count / 4), 0, 0.0005);
        Assert.InRange(worst, 0, 0.15);
    }

    [Trait("Tier", "any")]
    [Fact]
    public void Assign_ByTheRouterWithEmptyGroups_UsesTheOthers()
    {
        float[] cells = [.. Samples.Unit(1, 16), .. Samples.Unit(2, 16), .. Samples.Unit(3, 16)];
        using var data = new Rows([.. cells, .. Samples.Unit(1, 16)], 16);
        var found = new int[4];
        using var router = new CellRouter(cells, [0, 0, 2, 2, 3, 3], 16);
        router.Assign(data.Source, [0, 1, 2, 3], found, threads: 1);
        Assert.Equal([0, 1, 2, 0], found);
    }

    [Trait("Tier", "any")]
    [Fact]
    public void Train_OfKMeans_NeverGetsWorseAndFindsSeparateClusters()
    {
        // Five clusters far apart: with enough rounds, five of the centroids' rows are never split between two clusters far from both.
        float[][] centres = [.. Enumerable.Range(0, 5).Select(i => Samples.Unit(500 + i, 32))];
        using var data = new Rows([.. Enumerable.Range(0, 1000).SelectMany(row => CellData.Near(centres[row % 5], Samples.Unit(row, 32), 0.05f))], 32);
        int[] ids = [.. Enumerable.Range(0, 1000)];
        double previous = double.PositiveInfinity;
        foreach (int rounds in (int[])[0, 1, 2, 4, 8])
        {
            float[] centroids = KMeans.Train(data.Source, ids, 12, rounds, seed: 7, threads: 1);
            Assert.Equal(12 * 32, centroids.Length);
            Assert.Equal(centroids, KMeans.Train(data.Source, ids, 12, rounds, seed: 7, threads: 4));
            double distance = ids.Sum(row => Enumerable.Range(0, 12).Min(c => data.Distance(row, centroids.AsSpan(c * 32, 32))));
            Assert.InRange(distance, 0, previous * (1 + 1e-6));
            previous = distance;
        }

        Assert.InRange(previous / 1000, 0, 0.01);
        Assert.Equal(3 * 32, KMeans.Train(data.Source, [5, 6, 7], 12, 3, seed: 7, threads: 1).Length);
    }

    [Fact]
    public void UpdateMeans_OfACentroidWithoutRows_TakesARow()
    {
        using var data = new Rows([.. Enumerable.Range(0, 10).SelectMany(row => Samples.Unit(row, 16))], 16);
        int[] ids = [2, 4, 6, 8];
        var centroids = new float[3 * 16];
        KMeans.UpdateMeans(data.Source, ids, [0, 2, 0, 2], centroids, seed: 1, threads: 1);
        for (int j = 0; j < 16; j++)
        {
            Assert.Equal((float)(((double)data.Row(2)[j] + data.Row(6)[j]) / 2), centroids[j]);
            Assert.Equal((float)(((double)data.Row(4)[j] + data.Row(8)[j]) / 2), centroids[32 + j]);
        }

        Assert.Contains(ids, id => data.Row(id).SequenceEqual(centroids.AsSpan(16, 16)));
    }

    [Fact]
    public void For_OfAnyNumberOfRows_GivesSizesInRange()
    {
        foreach (int rows in (int[])[1, 2, 63, 64, 65, 20_000, 1_000_000, 200_000_000, int.MaxValue])
        {
            foreach (int perCell in (int[])[0, 1, 32, int.MaxValue])
            {
                CellSizes sizes = CellSizes.For(rows, perCell);
                Assert.InRange(sizes.Cells, 1, rows);
                Assert.InRange(sizes.Groups, 1, sizes.Cells);
            }
        }

        Assert.Equal(1_000_000 / 64, CellSizes.For(1_000_000, 0).Cells);
        Assert.Equal(100, CellSizes.For(1000, 10).Cells);
    }

    [Fact]
    public void By_OfGroupRows_SortsStably()
    {
        (int[] starts, int[] members) = GroupRows.By([2, 0, 2, 1, 0, 4], 5);
        Assert.Equal([0, 2, 3, 5, 5, 6], starts);
        Assert.Equal([1, 4, 3, 0, 2, 5], members);
    }

    [Fact]
    public void For_OfRecallMargins_InterpolatesAndAscends()
    {
        float[] needed = [.. Enumerable.Range(0, 10_000).Select(i => (float)((i * 7919) % 10_000) / 1000)];
        var margins = new RecallMargins(RecallMargins.FromNeeded(needed));
        float previous = 0;
        for (double recall = 0.01; recall < 1; recall += 0.0007)
        {
            float margin = margins.For(recall);
            Assert.InRange(margin, previous, 10);
            previous = margin;

            // The needed margins are spread evenly, so every recall but the smallest has its own.
            Assert.True(recall < 0.5 || Math.Abs(margin - (10 * recall)) < 0.02, $"margin {margin} at recall {recall}");
        }

        Assert.All(RecallMargins.FromNeeded([]), margin => Assert.Equal(0, margin));
        Assert.All(RecallMargins.FromNeeded([-1, -2]), margin => Assert.Equal(0, margin));
    }

    /// <summary>A division of all rows whose measures hold for each of them.</summary>
    private static void Check(Rows data, CellLayout layout)
    {
        Assert.Equal(Enumerable.Range(0, data.Count), layout.Order.Order());
        int cells = layout.CellStarts.Length - 1;
        int groups = layout.GroupCells.Length - 1;
        CheckStarts(layout.CellStarts, data.Count);
        CheckStarts(layout.GroupCells, cells);
        Assert.All(layout.GroupCells, start => Assert.Equal(0, start % VectorLayout.CodeBlockRows));
        Assert.Equal((cells * data.Stride, 2 * cells, groups * data.Stride, 2 * groups), (layout.Centroids.Length, layout.Spreads.Length, layout.GroupCentroids.Length, layout.GroupSpreads.Length));
        for (int cell = 0; cell < cells; cell++)
        {
            int[] members = layout.Order[layout.CellStarts[cell]..layout.CellStarts[cell + 1]];
            Assert.Equal(members.Order(), members);
            data.CheckMeasures(members, layout.Centroids.AsSpan(cell * data.Stride, data.Stride), layout.Spreads.AsSpan(2 * cell, 2));
        }

        for (int group = 0; group < groups; group++)
        {
            int[] members = layout.Order[layout.CellStarts[layout.GroupCells[group]]..layout.CellStarts[layout.GroupCells[group + 1]]];
            Assert.NotEmpty(members);
            data.CheckMeasures(members, layout.GroupCentroids.AsSpan(group * data.Stride, data.Stride), layout.GroupSpreads.AsSpan(2 * group, 2));
        }
    }

    private static void CheckStarts(int[] starts, int end)
    {
        Assert.Equal((0, end), (starts[0], starts[^1]));
        Assert.Equal(starts.Order(), starts);
    }

    private static void AssertSame(CellLayout expected, CellLayout found)
    {
        Assert.Equal(expected.Order, found.Order);
        Assert.Equal(expected.CellStarts, found.CellStarts);
        Assert.Equal(expected.GroupCells, found.GroupCells);
        Assert.True(Bits(expected.Centroids).SequenceEqual(Bits(found.Centroids)));
        Assert.True(Bits(expected.Spreads).SequenceEqual(Bits(found.Spreads)));
        Assert.True(Bits(expected.GroupCentroids).SequenceEqual(Bits(found.GroupCentroids)));
        Assert.True(Bits(expected.GroupSpreads).SequenceEqual(Bits(found.GroupSpreads)));
    }

    private static Span<byte> Bits(float[] values) => MemoryMarshal.AsBytes(values.AsSpan());

    private static (float[] Cells, int[] Starts) WithoutPadding(CellLayout layout)
    {
        List<float> cells = [];
        List<int> starts = [0];
        for (int group = 0; group + 1 < layout.GroupCells.Length; group++)
        {
            for (int cell = layout.GroupCells[group]; cell < layout.GroupCells[group + 1]; cell++)
            {
                if (layout.CellStarts[cell] < layout.CellStarts[cell + 1])
                {
                    cells.AddRange(layout.Centroids.AsSpan(cell * 32, 32));
                }
            }

            starts.Add(cells.Count / 32);
        }

        return ([.. cells], [.. starts]);
    }

    private static Rows Domains(int count) => new(new SyntheticData().Vectors(SyntheticKind.Base, count), 32);

    /// <summary>Rows in native memory, as the builder takes them.</summary>
    private sealed class Rows : IDisposable
    {
        private readonly float* _memory;

        public Rows(float[] rows, int stride)
        {
            Stride = stride;
            Count = rows.Length / stride;
            _memory = (float*)NativeMemory.AlignedAlloc((nuint)rows.Length * sizeof(float), 64);
            rows.CopyTo(new Span<float>(_memory, rows.Length));
        }

        public int Stride { get; }

        public int Count { get; }

        public RowSource Source => new(_memory, Count, Stride);

        public ReadOnlySpan<float> Row(int row) => new(_memory + (row * Stride), Stride);

        public CellLayout Build(CellSizes sizes, int threads, ulong seed = 42) => new CellBuilder(Source, sizes, seed, threads).Build();

        public float[] Calibrate(CellLayout layout, int threads) => new CellCalibration(Source, layout, 42, threads).Measure();

        public double Distance(int row, ReadOnlySpan<float> point)
        {
            double sum = 0;
            for (int j = 0; j < Stride; j++)
            {
                sum += ((double)Row(row)[j] - point[j]) * ((double)Row(row)[j] - point[j]);
            }

            return sum;
        }

        /// <summary>x·c - ‖c‖²/2 for every cell.</summary>
        public double[] NaiveScores(int row, float[] cells)
        {
            var scores = new double[cells.Length / Stride];
            ReadOnlySpan<float> x = Row(row);
            for (int c = 0; c < scores.Length; c++)
            {
                double sum = 0;
                for (int j = 0; j < Stride; j++)
                {
                    double element = cells[(c * Stride) + j];
                    sum += element * (x[j] - (element / 2));
                }

                scores[c] = sum;
            }

            return scores;
        }

        public void CheckMeasures(int[] members, ReadOnlySpan<float> mean, ReadOnlySpan<float> spread)
        {
            for (int j = 0; j < Stride; j++)
            {
                double sum = 0;
                foreach (int member in members)
                {
                    sum += Row(member)[j];
                }

                Assert.Equal(members.Length == 0 ? 0 : sum / members.Length, mean[j], 1e-7);
            }

            double total = 0;
            double largest = 0;
            foreach (int member in members)
            {
                double distance = Distance(member, mean);
                total += distance;
                largest = Math.Max(largest, distance);
                Assert.True(Math.Sqrt(distance) <= spread[1], $"row {member} lies outside the radius");
            }

            // Not only a bound, but a close one.
            Assert.InRange(spread[1], 0, (Math.Sqrt(largest) * (1 + 1e-5)) + 1e-9);
            Assert.Equal(members.Length == 0 ? 0 : Math.Sqrt(total / members.Length / Stride), spread[0], 1e-6);
        }

        public void Dispose() => NativeMemory.AlignedFree(_memory);
    }
}
