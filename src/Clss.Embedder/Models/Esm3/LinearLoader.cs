using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>Linear layers from files: bfloat16 stays what it is, every other type becomes single precision; the bias is optional.</summary>
internal static class LinearLoader
{
    public static LinearWeights Load(ITensorBackend backend, WeightScope weights, int outputs, int inputs, LinearLayout layout = LinearLayout.Plain)
    {
        float[] bias = weights.Contains("bias") ? weights.Read("bias", outputs) : [];
        return weights.ReadNarrow("weight", outputs, inputs) is { } narrow
            ? backend.UploadLinear(narrow, bias, layout)
            : backend.UploadLinear(weights.Read("weight", outputs, inputs), bias, outputs, inputs, layout);
    }
}
