using Clss.Index.Hnsw;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Stored graphs in aligned memory.</summary>
internal static unsafe class GraphBytes
{
    public static byte[] Of(HnswGraph graph)
    {
        using var stream = new MemoryStream();
        GraphFile.Write(graph, stream.Write);
        Assert.Equal(GraphFile.Length(graph), stream.Length);
        return stream.ToArray();
    }

    public static NativeArray<byte> Aligned(byte[] bytes)
    {
        var memory = new NativeArray<byte>(bytes.Length);
        bytes.CopyTo(new Span<byte>(memory.Pointer, bytes.Length));
        return memory;
    }

    public static HnswGraph Open(NativeArray<byte> memory, Rows rows) =>
        GraphFile.Open(memory.Pointer, memory.Length, rows.Count, rows.Stride, "generation-7", "section Graph");
}
