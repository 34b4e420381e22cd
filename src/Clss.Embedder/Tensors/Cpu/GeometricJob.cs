namespace Clss.Embedder.Tensors.Cpu;

/// <summary>A register of vector heads of one sequence of geometric attention.</summary>
internal readonly unsafe struct GeometricJob
{
    /// <summary>First row of the sequence [Length, 15 Heads].</summary>
    public required float* Projected { get; init; }

    public required nint ProjectedStride { get; init; }

    /// <summary>First frame of the sequence, as <see cref="RigidFrames"/> lays it out.</summary>
    public required float* Frames { get; init; }

    public required nint FrameStride { get; init; }

    public required int Length { get; init; }

    public required int Heads { get; init; }

    /// <summary>The first of the register's heads.</summary>
    public required int HeadStart { get; init; }

    /// <summary>Factors [Heads] of products and distances, filled up to whole registers.</summary>
    public required float* RotationScales { get; init; }

    public required float* DistanceScales { get; init; }

    /// <summary>Rows that ask: the first of the sequence.</summary>
    public required int Queries { get; init; }

    /// <summary>First row [Queries, 3 Heads] of the result.</summary>
    public required float* Destination { get; init; }

    public required nint DestinationStride { get; init; }
}
