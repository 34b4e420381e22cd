namespace Clss.Embedder.Tensors;

/// <summary>What a linear layer does with its result.</summary>
public enum LinearOutput
{
    /// <summary>Stores it.</summary>
    Store,

    /// <summary>Stores its exact GELU, x/2 (1 + erf(x / sqrt 2)).</summary>
    Gelu,

    /// <summary>Adds it to what the destination holds.</summary>
    Add,

    /// <summary>Stores silu(first half) times second half, silu(x) = x / (1 + e^-x): Shazeer, arXiv:2002.05202.</summary>
    SwiGlu,
}
