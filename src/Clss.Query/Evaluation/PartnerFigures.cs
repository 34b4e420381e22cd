namespace Clss.Query.Evaluation;

/// <summary>How often a vector of one modality finds its own domain among all vectors of another. A share is null where there is no query.</summary>
public sealed record PartnerFigures
{
    /// <summary>The share of queries whose nearest target is their own domain.</summary>
    public required double? R1 { get; init; }

    /// <summary>The share of queries whose own domain is among the ten nearest targets.</summary>
    public required double? R10 { get; init; }

    /// <summary>All domains.</summary>
    public required int Queries { get; init; }
}
