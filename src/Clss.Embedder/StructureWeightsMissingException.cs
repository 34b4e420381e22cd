namespace Clss.Embedder;

/// <summary>Structures were to be embedded, and neither the model nor this machine has the weights of a structure tower.</summary>
public sealed class StructureWeightsMissingException : ClssEmbedderException
{
    /// <summary>What is missing, what works all the same, and how to fetch it.</summary>
    public const string Text =
        "Structure weights not found. Sequence search works without them. To fetch: clss models get structure (needs accepting the ESM3 licence).";

    /// <summary>Creates the exception with <see cref="Text"/>.</summary>
    public StructureWeightsMissingException()
        : base(Text)
    {
    }
}
