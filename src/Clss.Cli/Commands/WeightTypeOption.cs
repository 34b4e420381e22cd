using System.CommandLine;
using Clss.Embedder.Weights;

namespace Clss.Cli.Commands;

/// <summary><c>--dtype f32|f16|bf16</c>: how the weights of a model directory are stored.</summary>
internal static class WeightTypeOption
{
    public static Option<WeightType> Create()
    {
        var option = new Option<WeightType>("--dtype")
        {
            Description = "How the weights are stored: f32 (as they are), f16 or bf16 (half the size, rounded).",
            HelpName = "f32|f16|bf16",
            DefaultValueFactory = _ => WeightType.Float32,
            CustomParser = result =>
            {
                switch (result.Tokens[0].Value.ToLowerInvariant())
                {
                    case "f32" or "float32":
                        return WeightType.Float32;
                    case "f16" or "float16":
                        return WeightType.Float16;
                    case "bf16" or "bfloat16":
                        return WeightType.BFloat16;
                    default:
                        result.AddError($"--dtype wants f32, f16 or bf16, not '{result.Tokens[0].Value}'.");
                        return default;
                }
            },
        };
        return option;
    }
}
