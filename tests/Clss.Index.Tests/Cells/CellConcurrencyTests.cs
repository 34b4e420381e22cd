using System.Diagnostics;
using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>Readers search while a writer writes, deletes, commits and compacts: every result is one that some state between had.</summary>
public sealed class CellConcurrencyTests : IDisposable
{
    private const int Dimension = 16;
    private const int Lasting = 1500;
    private const int Changing = 400;
    private const int K = 20;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);

    private readonly TemporaryFolder _folder = new();

    // Changes of each row that have returned: after an even number of them the row is there, after an odd number it is not.
    private readonly long[] _states = new long[Changing];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Search_WhileAWriterChangesAndCompacts_SeesStatesBetween()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), CellData.Options(Dimension, rowsPerCell: 16));
        collection.Upsert(CellData.Entries("clusters", Lasting, Dimension, 1));
        collection.Upsert([.. Enumerable.Range(0, Changing).Select(i => Entry(i))]);
        collection.Compact();
        var clock = Stopwatch.StartNew();
        int compactions = 0;
        int searches = 0;
        Task writer = Task.Run(() => compactions = Write(collection, clock), TestContext.Current.CancellationToken);
        Task[] readers = [.. Enumerable.Range(0, 3).Select(reader => Task.Run(() => Interlocked.Add(ref searches, Read(collection, clock, reader)), TestContext.Current.CancellationToken))];
        await Task.WhenAll([writer, .. readers]);
        Assert.InRange(compactions, 2, int.MaxValue);
        Assert.InRange(searches, 100, int.MaxValue);
        collection.Compact();
        Assert.Empty(VectorCollection.Verify(_folder.File("db")).Damages);
    }

    private int Write(VectorCollection collection, Stopwatch clock)
    {
        var random = new Random(1);
        int compactions = 0;
        for (int step = 0; clock.Elapsed < Duration; step++)
        {
            int i = random.Next(Changing);
            if (_states[i] % 2 == 0)
            {
                Assert.Equal(1, collection.Delete($"changing{i}"));
            }
            else
            {
                collection.Upsert(Entry(i));
            }

            Interlocked.Increment(ref _states[i]);
            if (step % 40 == 0)
            {
                collection.Commit();
            }

            if (step % 160 == 0)
            {
                collection.Compact();
                compactions++;
            }
        }

        return compactions;
    }

    private int Read(VectorCollection collection, Stopwatch clock, int seed)
    {
        var random = new Random(100 + seed);
        SearchOptions[] modes = [new() { K = K, Exact = true }, new() { K = K, Recall = 0.9 }, new() { K = K, Probes = int.MaxValue }, new() { K = K, Precision = ScanPrecision.Float32 }];
        var neighbors = new Neighbor[3 * K];
        var counts = new int[3];
        int searches = 0;
        for (; clock.Elapsed < Duration; searches++)
        {
            int i = random.Next(Changing);
            float[] query = Vector(i);
            SearchOptions options = modes[random.Next(modes.Length)];
            long before = Interlocked.Read(ref _states[i]);
            int count = collection.Search(query, options, neighbors);
            long after = Interlocked.Read(ref _states[i]);
            Assert.Equal(K, count);
            CheckOrder(neighbors.AsSpan(0, count));

            // Its own row has similarity 1 and no other comes near: a search finds it where it was there all the time, and not where it was never there.
            bool isFound = neighbors[0].Similarity > 0.9999f;
            if (before == after)
            {
                Assert.True(isFound || options.Recall < 0.99 || after % 2 == 1 || IsBeingChanged(i, after), $"row {i} was there and not found: {options}");
                Assert.True(!isFound || after % 2 == 0 || IsBeingChanged(i, after), $"row {i} was deleted and found: {options}");
            }

            if (searches % 8 == 0)
            {
                collection.SearchBatch([.. query, .. Vector(0), .. Samples.Unit(i, Dimension)], options, neighbors, counts, threads: 2);
                Assert.Equal([K, K, K], counts);
                CheckOrder(neighbors.AsSpan(0, K));
            }
        }

        return searches;
    }

    /// <summary>The writer changes rows one after the other, and counts a change when it has returned: a change may be seen a little before it is counted.</summary>
    private bool IsBeingChanged(int i, long state)
    {
        SpinWait.SpinUntil(() => Interlocked.Read(ref _states[i]) != state, TimeSpan.FromSeconds(10));
        return Interlocked.Read(ref _states[i]) != state;
    }

    private static void CheckOrder(ReadOnlySpan<Neighbor> neighbors)
    {
        for (int i = 1; i < neighbors.Length; i++)
        {
            Neighbor better = neighbors[i - 1];
            Neighbor worse = neighbors[i];
            Assert.True(better.Similarity > worse.Similarity || (better.Similarity == worse.Similarity && better.Ordinal < worse.Ordinal), $"{better} before {worse}");
        }
    }

    private static float[] Vector(int i) => Samples.Unit(50_000 + i, Dimension);

    private static VectorEntry Entry(int i) => new() { Key = $"changing{i}", Vector = Vector(i) };
}
