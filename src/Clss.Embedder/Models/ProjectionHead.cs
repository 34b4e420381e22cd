using Clss.Embedder.Weights;

namespace Clss.Embedder.Models;

/// <summary>
/// From a tower's pooled embedding into the common space: one linear layer, before which the sequence side, and only that, has a ReLU;
/// then the length is made 1. Mirrors `sequence_adapter` and `structure_adapter` of the original.
/// </summary>
internal sealed class ProjectionHead
{
    /// <summary>Shorter vectors are divided by this (torch.nn.functional.normalize).</summary>
    private const double SmallestNorm = 1e-12;

    private readonly float[] _weight;
    private readonly float[] _bias;
    private readonly bool _rectify;

    public ProjectionHead(WeightScope weights, int inputs, int outputs, bool rectify)
    {
        Inputs = inputs;
        Outputs = outputs;
        _weight = weights.Read("weight", outputs, inputs);
        _bias = weights.Read("bias", outputs);
        _rectify = rectify;
    }

    public int Inputs { get; }

    public int Outputs { get; }

    /// <summary>
    /// The linear layer: pooled [Inputs] to projected [Outputs]. It is too small to be worth a kernel, and sums in double precision
    /// in plain order are the same on every machine.
    /// </summary>
    public void Project(ReadOnlySpan<float> pooled, Span<float> projected)
    {
        for (int i = 0; i < Outputs; i++)
        {
            ReadOnlySpan<float> row = _weight.AsSpan(i * Inputs, Inputs);
            double sum = _bias[i];
            for (int j = 0; j < row.Length; j++)
            {
                double input = _rectify ? Math.Max(pooled[j], 0f) : pooled[j];
                sum += input * row[j];
            }

            projected[i] = (float)sum;
        }
    }

    /// <summary>Divides a vector by its length.</summary>
    public static void Normalize(Span<float> vector)
    {
        double squares = 0;
        foreach (float value in vector)
        {
            squares += (double)value * value;
        }

        double norm = Math.Max(Math.Sqrt(squares), SmallestNorm);
        for (int i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(vector[i] / norm);
        }
    }
}
