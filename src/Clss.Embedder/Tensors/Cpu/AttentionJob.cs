namespace Clss.Embedder.Tensors.Cpu;

/// <summary>One head of one sequence: where its rows are, and which queries are asked for.</summary>
internal readonly unsafe struct AttentionJob
{
    /// <summary>First row of the head's queries, keys and values [Length, HeadSize].</summary>
    public required float* Queries { get; init; }

    public required float* Keys { get; init; }

    public required float* Values { get; init; }

    public required float* Destination { get; init; }

    public required nint QueryStride { get; init; }

    public required nint KeyStride { get; init; }

    public required nint ValueStride { get; init; }

    public required nint DestinationStride { get; init; }

    /// <summary>Tokens of the sequence.</summary>
    public required int Length { get; init; }

    public required int HeadSize { get; init; }

    public required int QueryStart { get; init; }

    public required int QueryEnd { get; init; }

    /// <summary>Factor of every query.</summary>
    public required float Scale { get; init; }

    /// <summary>cos [Length, HeadSize / 2], or null without rotary embedding.</summary>
    public required float* Cosines { get; init; }

    public required float* Sines { get; init; }
}
