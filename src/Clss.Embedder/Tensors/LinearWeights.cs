namespace Clss.Embedder.Tensors;

/// <summary>Weight [Outputs, Inputs] and bias [Outputs] of a linear layer, in the form its backend computes with.</summary>
public abstract class LinearWeights
{
    /// <summary>Creates the handle.</summary>
    protected LinearWeights(int inputs, int outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
    }

    /// <summary>Columns of what goes in.</summary>
    public int Inputs { get; }

    /// <summary>Columns of what comes out.</summary>
    public int Outputs { get; }
}
