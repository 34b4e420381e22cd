using System.Security.Cryptography;
using Clss.Index.Hnsw;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Graphs as they are built: the same for any number of threads, well-formed at every size, grown row by row.</summary>
public sealed unsafe class HnswBuilderTests
{
    [Theory]
    [InlineData("uniform")]
    [InlineData("clusters")]
    [InlineData("equal")]
    public void Add_WithAnyNumberOfThreads_GivesTheSameBytes(string kind)
    {
        using var rows = Rows.Of(kind, 3000, 9);
        byte[] one = Bytes(rows, 1);
        foreach (int threads in (int[])[2, 4, 0])
        {
            Assert.Equal(one, Bytes(rows, threads));
        }
    }

    [Fact]
    [Trait("Tier", "any")]
    public void Add_OnAnyProcessor_GivesTheSameBytes()
    {
        using var rows = Rows.Of("clusters", 1000, 9);
        Assert.Equal("ACFC5226A70A5C7EA1F9", Convert.ToHexString(SHA256.HashData(Bytes(rows, 2)))[..20]);
    }

    [Fact]
    public void Add_WithAnotherSeed_GivesAnotherGraph()
    {
        using var rows = Rows.Of("uniform", 500, 9);
        using HnswBuilder one = rows.Build();
        using HnswBuilder other = rows.Build(new HnswParameters { Seed = 2 });
        Assert.NotEqual(GraphBytes.Of(one.Graph), GraphBytes.Of(other.Graph));
    }

    [Theory]
    [MemberData(nameof(Rows.Kinds), MemberType = typeof(Rows))]
    public void Add_OfRowsOfAKind_MakesAWellFormedGraph(string kind)
    {
        foreach (int count in (int[])[0, 1, 2, 3, 65, 700])
        {
            using var rows = Rows.Of(kind, count, 23);
            using HnswBuilder builder = rows.Build(new HnswParameters { M = 4, EfConstruction = 20 });
            GraphFile.Verify(builder.Graph);
            Assert.Equal(count, builder.Count);
            Assert.Equal(count == 0, builder.Graph.Entry < 0);
        }
    }

    [Fact]
    public void Add_OfLevels_ThinsByM()
    {
        using var rows = Rows.Of("uniform", 8000, 2);
        using HnswBuilder builder = rows.Build(new HnswParameters { M = 8, EfConstruction = 16 });
        Assert.InRange(builder.Graph.Levels[1].Count, 800, 1200);
        Assert.InRange(builder.Graph.Levels[2].Count, 70, 190);
        for (int level = 1; level < builder.Graph.LevelCount; level++)
        {
            Assert.Equal(8, builder.Graph.Levels[level].Degree);
        }

        Assert.Equal(16, builder.Graph.Levels[0].Degree);
    }

    [Fact]
    public void Add_RowByRow_IsFoundAtOnce()
    {
        using var rows = Rows.Of("clusters", 1500, 77);
        using var builder = new HnswBuilder(new HnswParameters(), rows.Stride);
        using var scratch = new HnswScratch(rows.Stride);
        var neighbors = new Neighbor[1];
        int missed = 0;
        for (int count = 1; count <= rows.Count; count++)
        {
            builder.Add(rows.Pointer, count);
            int found = HnswSearcher.Search(
                builder.Graph, rows.Stored, 100, rows[count - 1], new HnswSearchSettings { EfSearch = 50 }, default, 0, scratch, neighbors);
            missed += found == 1 && neighbors[0].Ordinal == 100 + count - 1 ? 0 : 1;
        }

        Assert.InRange(missed, 0, 1);
        GraphFile.Verify(builder.Graph);
    }

    [Fact]
    public void Add_OfLargerElements_MakesNewCodes()
    {
        float[] flat = [.. Enumerable.Repeat(1 / MathF.Sqrt(32), 32)];
        float[] axis = [1, .. new float[31]];
        using var rows = new Rows([flat, axis, axis, axis]);
        using var builder = new HnswBuilder(new HnswParameters(), rows.Stride);
        builder.Add(rows.Pointer, 1);
        Assert.Equal(flat[0] / 127, builder.Graph.CodeScale, 1e-6f);
        builder.Add(rows.Pointer, 4);
        Assert.Equal(1f / 127, builder.Graph.CodeScale, 1e-6f);
        Assert.Equal(128 + 22, builder.Graph.Codes[0]);
        Assert.Equal(128 + 127, builder.Graph.Codes[32]);
    }

    [Fact]
    public void Add_WhenCancelled_Throws()
    {
        using var rows = Rows.Of("uniform", 200, 1);
        using var builder = new HnswBuilder(new HnswParameters(), rows.Stride);
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => builder.Add(rows.Pointer, rows.Count, 2, source.Token));
    }

    [Theory]
    [InlineData(1, 200)]
    [InlineData(129, 200)]
    [InlineData(16, 15)]
    [InlineData(16, 65537)]
    public void Validate_OfParametersOutOfRange_Throws(int m, int efConstruction)
    {
        var parameters = new HnswParameters { M = m, EfConstruction = efConstruction };
        ClssIndexException error = Assert.Throws<ClssIndexException>(() => new HnswBuilder(parameters, 32).Dispose());
        Assert.Contains(m is < 2 or > 128 ? $"M is {m}" : $"efConstruction is {efConstruction}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Search_WhileAnotherThreadAdds_UnderALockFindsOnlyRowsThatAreThere()
    {
        using var rows = Rows.Of("clusters", 3000, 13);
        using var builder = new HnswBuilder(new HnswParameters { EfConstruction = 40 }, rows.Stride);
        using var gate = new ReaderWriterLockSlim();
        builder.Add(rows.Pointer, 500);
        int searches = 0;
        int wrong = 0;
        bool done = false;
        Thread[] readers = [.. Enumerable.Range(0, 3).Select(_ => new Thread(() => Read()))];
        foreach (Thread reader in readers)
        {
            reader.Start();
        }

        for (int count = 501; count <= rows.Count; count += 25)
        {
            gate.EnterWriteLock();
            builder.Add(rows.Pointer, count);
            gate.ExitWriteLock();
        }

        Volatile.Write(ref done, true);
        foreach (Thread reader in readers)
        {
            reader.Join();
        }

        Assert.Equal(0, wrong);
        Assert.True(searches > 0);

        void Read()
        {
            using var scratch = new HnswScratch(rows.Stride);
            var neighbors = new Neighbor[10];
            for (int i = 0; !Volatile.Read(ref done); i++)
            {
                gate.EnterReadLock();
                int found = HnswSearcher.Search(
                    builder.Graph, rows.Stored, 0, rows[i % 3000], new HnswSearchSettings { EfSearch = 30 }, default, 0, scratch, neighbors);
                bool isRight = found == 10 && neighbors.All(hit => hit.Ordinal < builder.Count);
                gate.ExitReadLock();
                Interlocked.Increment(ref searches);
                Interlocked.Add(ref wrong, isRight ? 0 : 1);
            }
        }
    }

    private static byte[] Bytes(Rows rows, int threads)
    {
        using HnswBuilder builder = rows.Build(new HnswParameters { EfConstruction = 50 }, threads);
        return GraphBytes.Of(builder.Graph);
    }
}
