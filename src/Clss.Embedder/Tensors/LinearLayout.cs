namespace Clss.Embedder.Tensors;

/// <summary>What the outputs of a linear layer are.</summary>
public enum LinearLayout
{
    /// <summary>Each for itself.</summary>
    Plain,

    /// <summary>The first half gates the second: for <see cref="LinearOutput.SwiGlu"/> only.</summary>
    Gated,
}
