namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Destination [rows, Outputs] = or += Source [rows, Inputs] times packed weights plus bias.</summary>
internal readonly unsafe struct LinearJob
{
    public required float* Source { get; init; }

    public required nint SourceStride { get; init; }

    /// <summary>Weights in panels of floats, or null where <see cref="Narrow"/> is given.</summary>
    public required float* Panels { get; init; }

    /// <summary>Weights [Outputs, Inputs] as bfloat16, row by row; every panel is widened before it is used.</summary>
    public required ushort* Narrow { get; init; }

    /// <summary>In the order of the panels, filled up with zeros.</summary>
    public required float* Bias { get; init; }

    public required LinearLayout Layout { get; init; }

    /// <summary>Factor of what is added.</summary>
    public required float Scale { get; init; }

    public required int Inputs { get; init; }

    public required int Outputs { get; init; }

    public required LinearOutput Output { get; init; }

    public required float* Destination { get; init; }

    public required nint DestinationStride { get; init; }
}
