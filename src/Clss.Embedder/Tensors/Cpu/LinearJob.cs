namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Destination [rows, Outputs] = or += Source [rows, Inputs] times packed weights plus bias.</summary>
internal readonly unsafe struct LinearJob
{
    public required float* Source { get; init; }

    public required nint SourceStride { get; init; }

    public required float* Panels { get; init; }

    /// <summary>[Outputs], filled up with zeros to whole panels.</summary>
    public required float* Bias { get; init; }

    public required int Inputs { get; init; }

    public required int Outputs { get; init; }

    public required LinearOutput Output { get; init; }

    public required float* Destination { get; init; }

    public required nint DestinationStride { get; init; }
}
