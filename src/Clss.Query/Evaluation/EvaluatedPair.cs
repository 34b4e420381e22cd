using Clss.Embedder;

namespace Clss.Query.Evaluation;

/// <summary>One pair of modalities and what was measured of it.</summary>
/// <param name="Query">What the queries are.</param>
/// <param name="Target">What the targets are.</param>
/// <param name="Figures">The figures.</param>
public sealed record EvaluatedPair(Modality Query, Modality Target, PairFigures Figures)
{
    /// <summary><c>seq&gt;str</c> and the like, as it is written.</summary>
    public string Name => $"{ShortName(Query)}>{ShortName(Target)}";

    /// <summary>Whether a query has a partner among the targets that is not itself.</summary>
    public bool HasPartner => Query != Target;

    private static string ShortName(Modality modality) => modality switch
    {
        Modality.Sequence => "seq",
        Modality.Structure => "str",
        Modality.Segment => "seg",
        _ => throw new ArgumentOutOfRangeException(nameof(modality), modality, "No such modality."),
    };
}
