using System.Runtime.InteropServices;
using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>The nearest rows of each query, [queries, 100], best first.</summary>
internal static class GroundTruth
{
    public const int Depth = 100;

    /// <summary>Reads the ids of <c>PREFIX.gt.i32</c>.</summary>
    public static int[] Read(string prefix, int queries, int rows)
    {
        string path = prefix + ".gt.i32";
        byte[] bytes = File.ReadAllBytes(path);
        if (bytes.Length != (long)queries * Depth * sizeof(int))
        {
            throw new UsageException($"{path}: expected {Depth} int32 for each of {queries} queries, {(long)queries * Depth * sizeof(int)} bytes; it has {bytes.Length}");
        }

        int[] ids = MemoryMarshal.Cast<byte, int>(bytes).ToArray();
        int wrong = Array.FindIndex(ids, id => id < 0 || id >= rows);
        return wrong < 0
            ? ids
            : throw new UsageException($"{path}: neighbour {wrong % Depth} of query {wrong / Depth} is row {ids[wrong]}; there are {rows} rows. Is it for another ANN_N?");
    }

    public static void Write(string prefix, int[] ids, float[] similarities)
    {
        WriteWhole(prefix + ".gt.f32", MemoryMarshal.AsBytes<float>(similarities));
        WriteWhole(prefix + ".gt.i32", MemoryMarshal.AsBytes<int>(ids));
    }

    /// <summary>Compares every query with every row, on all cores.</summary>
    public static (int[] Ids, float[] Similarities) Compute(VectorFile vectors, int rows, float[] queries)
    {
        int count = queries.Length / VectorFile.Dimension;
        var neighbors = new Neighbor[count * Depth];
        using var subject = new CollectionSubject(IndexKind.Exact, []);
        subject.Build(vectors, rows, Environment.ProcessorCount);
        var counts = new int[count];
        subject.SearchBatch(queries, new SearchOptions { K = Depth, Exact = true }, neighbors, counts, Environment.ProcessorCount);
        if (counts.Any(found => found < Depth))
        {
            throw new UsageException($"the ground truth needs at least {Depth} rows; there are {rows}");
        }

        int[] ids = [.. neighbors.Select(neighbor => subject.RowOf(neighbor.Ordinal))];
        return (ids, [.. neighbors.Select(neighbor => neighbor.Similarity)]);
    }

    private static void WriteWhole(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = path + ".new";
        File.WriteAllBytes(temporary, bytes);
        File.Move(temporary, path, overwrite: true);
    }
}
