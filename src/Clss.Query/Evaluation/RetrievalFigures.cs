namespace Clss.Query.Evaluation;

/// <summary>
/// How often the nearest domain is a relative. The domain itself, and its own vector of the other modality, is never a target. A share is null where
/// there is no query to take it of.
/// </summary>
public sealed record RetrievalFigures
{
    /// <summary>The share of <see cref="Queries"/> whose nearest target is of their superfamily.</summary>
    public required double? SuperfamilyR1 { get; init; }

    /// <summary>The share of <see cref="Queries"/> whose nearest target is of their fold.</summary>
    public required double? FoldR1 { get; init; }

    /// <summary>The share of <see cref="QueriesOwnSuperfamilyRemoved"/> whose nearest target outside their superfamily is of their fold.</summary>
    public required double? FoldR1OwnSuperfamilyRemoved { get; init; }

    /// <summary>Domains whose superfamily has another member.</summary>
    public required int Queries { get; init; }

    /// <summary>Domains whose fold has a member of another superfamily.</summary>
    public required int QueriesOwnSuperfamilyRemoved { get; init; }
}
