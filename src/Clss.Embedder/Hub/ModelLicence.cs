namespace Clss.Embedder.Hub;

/// <summary>The terms of a model that is downloaded only after a person has accepted them.</summary>
public sealed record ModelLicence
{
    /// <summary>The licence's name.</summary>
    public required string Name { get; init; }

    /// <summary>Where its text is.</summary>
    public required Uri Text { get; init; }

    /// <summary>What it says, in plain words, a sentence each. The text itself counts.</summary>
    public required IReadOnlyList<string> Terms { get; init; }
}
