using System.Diagnostics;
using System.Globalization;
using Clss.Testing.SyntheticDomains;

namespace Clss.AnnBenchmark;

/// <summary>
/// Vectors, queries and their true neighbours: named by the environment (ANN_BASE, ANN_N, ANN_QUERY, ANN_GT, ANN_BT), or where it names
/// none, made by the generator and kept in ANN_CACHE (by default a folder of the temporary files) for the next run.
/// </summary>
internal sealed class Workload : IDisposable
{
    /// <summary>Neighbours asked for and compared: recall@10.</summary>
    public const int K = 10;

    private const int DefaultRows = 1_000_000;

    private Workload(VectorFile vectors, int rows, float[] queries, int[] truth)
    {
        Base = vectors;
        Rows = rows;
        Queries = queries;
        QueryCount = queries.Length / VectorFile.Dimension;
        Truth = truth;
        IsSynthetic = Resembles(vectors, rows, queries);
    }

    public VectorFile Base { get; }

    public int Rows { get; }

    /// <summary>[queries, 32].</summary>
    public float[] Queries { get; }

    public int QueryCount { get; }

    /// <summary>The ids of the true neighbours [queries, 100].</summary>
    public int[] Truth { get; }

    /// <summary>True where vectors and queries are those of <see cref="SyntheticData"/>, so that their classification is known.</summary>
    public bool IsSynthetic { get; }

    public int BuildThreads { get; } = (int)(Number("ANN_BT") ?? Environment.ProcessorCount);

    public static Workload Open()
    {
        long? wanted = Number("ANN_N");
        string? basePath = Environment.GetEnvironmentVariable("ANN_BASE");
        string cache = Environment.GetEnvironmentVariable("ANN_CACHE") ?? Path.Combine(Path.GetTempPath(), "clss-ann-benchmark");
        bool generate = string.IsNullOrEmpty(basePath);
        var vectors = new VectorFile(generate ? Generate(cache, SyntheticKind.Base, wanted ?? DefaultRows) : basePath!);
        if ((wanted ?? vectors.Rows) is > int.MaxValue or < 1 || wanted > vectors.Rows)
        {
            throw new UsageException($"ANN_N is {wanted}; the file has {vectors.Rows} rows, and at most {int.MaxValue} are used");
        }

        int rows = (int)(wanted ?? vectors.Rows);
        string? queryPath = Environment.GetEnvironmentVariable("ANN_QUERY");
        bool ownQueries = string.IsNullOrEmpty(queryPath);
        using var queryFile = new VectorFile(ownQueries ? Generate(cache, SyntheticKind.Query, SyntheticData.Queries) : queryPath!);
        float[] queries = queryFile.Slice(0, (int)queryFile.Rows).ToArray();
        string? prefix = generate && ownQueries ? Path.Combine(cache, $"base-{rows}") : null;
        return new Workload(vectors, rows, queries, ReadOrCompute(vectors, rows, queries, prefix));
    }

    public ReadOnlySpan<float> Query(int query) => Queries.AsSpan(query * VectorFile.Dimension, VectorFile.Dimension);

    public void Dispose() => Base.Dispose();

    /// <summary>The true neighbours: from ANN_GT, else from the cache, else computed (and kept where the data has a place in the cache).</summary>
    private static int[] ReadOrCompute(VectorFile vectors, int rows, float[] queries, string? cachePrefix)
    {
        int count = queries.Length / VectorFile.Dimension;
        string? given = Environment.GetEnvironmentVariable("ANN_GT");
        if (!string.IsNullOrEmpty(given))
        {
            return GroundTruth.Read(given, count, rows);
        }

        if (cachePrefix is not null && File.Exists(cachePrefix + ".gt.i32"))
        {
            return GroundTruth.Read(cachePrefix, count, rows);
        }

        var clock = Stopwatch.StartNew();
        (int[] ids, float[] similarities) = GroundTruth.Compute(vectors, rows, queries);
        Console.Error.WriteLine($"true neighbours of {count} queries among {rows} rows: {clock.Elapsed.TotalSeconds:F1} s");
        if (cachePrefix is not null)
        {
            GroundTruth.Write(cachePrefix, ids, similarities);
        }

        return ids;
    }

    /// <summary>The path of a generated file, which is made where it is missing.</summary>
    private static string Generate(string cache, SyntheticKind kind, long rows)
    {
        string path = Path.Combine(cache, $"{(kind == SyntheticKind.Base ? "base" : "query")}-{rows}.f32");
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(cache);
            var clock = Stopwatch.StartNew();
            string temporary = path + ".new";
            new SyntheticData().WriteFile(temporary, kind, rows);
            File.Move(temporary, path, overwrite: true);
            Console.Error.WriteLine($"{path}: {rows} vectors in {clock.Elapsed.TotalSeconds:F1} s");
        }

        return path;
    }

    /// <summary>True where the first and last rows and all queries have the bits of the generator's.</summary>
    private static bool Resembles(VectorFile vectors, int rows, float[] queries)
    {
        var data = new SyntheticData();
        if (queries.Length != SyntheticData.Queries * VectorFile.Dimension)
        {
            return false;
        }

        const int Compared = 100;
        int count = Math.Min(Compared, rows);
        var last = new float[count * VectorFile.Dimension];
        data.Fill(SyntheticKind.Base, rows - count, last);
        return data.Vectors(SyntheticKind.Base, count).AsSpan().SequenceEqual(vectors.Slice(0, count))
            && vectors.Slice(rows - count, count).SequenceEqual(last)
            && data.Vectors(SyntheticKind.Query, SyntheticData.Queries).AsSpan().SequenceEqual(queries);
    }

    private static long? Number(string variable)
    {
        string? text = Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrEmpty(text) ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0 ? number
            : throw new UsageException($"{variable} must be a whole number of 1 or more; it is '{text}'");
    }
}
