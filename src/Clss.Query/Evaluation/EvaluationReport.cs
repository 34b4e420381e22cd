namespace Clss.Query.Evaluation;

/// <summary>How well a model finds relatives among labelled domains.</summary>
public sealed record EvaluationReport
{
    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>The model's fingerprint.</summary>
    public required string Model { get; init; }

    /// <summary>The fingerprint of the structure tower; null where structures were not measured.</summary>
    public string? StructureTower { get; init; }

    /// <summary>Number of domains.</summary>
    public required int Domains { get; init; }

    /// <summary>Residues of all domains.</summary>
    public required long Residues { get; init; }

    /// <summary>Number of superfamilies.</summary>
    public required int Superfamilies { get; init; }

    /// <summary>Number of folds.</summary>
    public required int Folds { get; init; }

    /// <summary>Rows passed over because they have no coordinates.</summary>
    public required int WithoutCoordinates { get; init; }

    /// <summary>Rows passed over because their identifier came before.</summary>
    public required int Repeated { get; init; }

    /// <summary>The pairs of modalities that the model allows, in a fixed order.</summary>
    public required IReadOnlyList<EvaluatedPair> Pairs { get; init; }
}
