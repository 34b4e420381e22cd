namespace Clss.Query.Evaluation;

/// <summary>Unit vectors of labelled domains, row by row in their order.</summary>
public sealed record DomainVectors
{
    /// <summary>Components of a vector.</summary>
    public required int Dimension { get; init; }

    /// <summary>Vectors of the sequences, [n, Dimension].</summary>
    public required ReadOnlyMemory<float> Sequences { get; init; }

    /// <summary>Vectors of the structures, [n, Dimension]; empty where the model has no structure tower.</summary>
    public ReadOnlyMemory<float> Structures { get; init; }

    /// <summary>Vectors of the middle halves of the sequences, [n, Dimension]; empty where there are no structures to compare them with.</summary>
    public ReadOnlyMemory<float> MiddleHalves { get; init; }
}
