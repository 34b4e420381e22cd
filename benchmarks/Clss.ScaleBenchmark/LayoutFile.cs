using System.Runtime.InteropServices;
using Clss.Index.Cells;

namespace Clss.ScaleBenchmark;

/// <summary>Keeps the cells of a run beside the vectors, so that the next run need not build them again.</summary>
internal static class LayoutFile
{
    public static void Write(string path, CellLayout layout, float[] margins)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        Write<int>(stream, layout.Order);
        Write<int>(stream, layout.CellStarts);
        Write<float>(stream, layout.Centroids);
        Write<float>(stream, layout.Spreads);
        Write<int>(stream, layout.GroupCells);
        Write<float>(stream, layout.GroupCentroids);
        Write<float>(stream, layout.GroupSpreads);
        Write<float>(stream, margins);
    }

    public static (CellLayout Layout, float[] Margins) Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        var layout = new CellLayout
        {
            Order = Read<int>(stream),
            CellStarts = Read<int>(stream),
            Centroids = Read<float>(stream),
            Spreads = Read<float>(stream),
            GroupCells = Read<int>(stream),
            GroupCentroids = Read<float>(stream),
            GroupSpreads = Read<float>(stream),
        };
        return (layout, Read<float>(stream));
    }

    private static void Write<T>(FileStream stream, T[] values)
        where T : unmanaged
    {
        int length = values.Length;
        stream.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in length)));
        stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }

    private static T[] Read<T>(FileStream stream)
        where T : unmanaged
    {
        int length = 0;
        stream.ReadExactly(MemoryMarshal.AsBytes(new Span<int>(ref length)));
        var values = new T[length];
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
