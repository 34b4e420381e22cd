namespace Clss.Embedder.Weights;

/// <summary>What a model is, apart from its numbers.</summary>
public sealed record ModelDescription
{
    /// <summary>The name shown to people, for example <c>CLSS-sub</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The dimension of the common space, or 0 for a model without a sequence adapter.</summary>
    public required int Dimension { get; init; }

    /// <summary>The dimensions of the sequence tower, or null for a structure side alone.</summary>
    public required EsmConfig? SequenceTower { get; init; }

    /// <summary>Whether there are weights from the sequence tower's pooled output into the common space.</summary>
    public required bool HasSequenceAdapter { get; init; }

    /// <summary>Whether there are weights from the structure tower's pooled output into the common space.</summary>
    public required bool HasStructureAdapter { get; init; }

    /// <summary>The dimensions of the structure tower, where the model brings one.</summary>
    public Esm3Config? StructureTower { get; init; }

    /// <summary>The dimensions of the structure encoder, where the model brings one.</summary>
    public StructureEncoderConfig? StructureEncoder { get; init; }

    /// <summary>What a person must know before trusting the model's answers, said wherever it answers; null where there is nothing to say.</summary>
    public string? Notice { get; init; }

    /// <summary>Where the model came from, or null where nothing says so.</summary>
    public ModelProvenance? Provenance { get; init; }
}
