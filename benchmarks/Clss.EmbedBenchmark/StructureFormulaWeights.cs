using Clss.Embedder.Weights;

namespace Clss.EmbedBenchmark;

/// <summary>
/// The tensors of ESM3's trunk or of its structure encoder, of any size, with numbers that follow from their names as in <see cref="FormulaWeights"/>:
/// a structure tower of the real dimensions without the licensed download.
/// </summary>
internal sealed class StructureFormulaWeights : WeightFile
{
    private readonly Dictionary<string, WeightInfo> _tensors = [];

    public StructureFormulaWeights(Esm3Config config)
    {
        int width = config.Width;
        Add("encoder.sequence_embed.weight", 64, width);
        Add("encoder.structure_tokens_embed.weight", 4101, width);
        foreach (string name in (ReadOnlySpan<string>)["encoder.plddt_projection", "encoder.structure_per_res_plddt_projection"])
        {
            Add(name + ".weight", width, 16);
            Add(name + ".bias", width);
        }

        Add("encoder.ss8_embed.weight", 11, width);
        Add("encoder.sasa_embed.weight", 19, width);
        for (int i = 0; i < 8; i++)
        {
            Add($"encoder.function_embed.{i}.weight", 260, width / 8);
        }

        for (int i = 0; i < config.Layers; i++)
        {
            string block = $"transformer.blocks.{i}.";
            Add(block + "attn.layernorm_qkv.0.weight", width);
            Add(block + "attn.layernorm_qkv.0.bias", width);
            Add(block + "attn.layernorm_qkv.1.weight", 3 * width, width);
            Add(block + "attn.out_proj.weight", width, width);
            Add(block + "attn.q_ln.weight", width);
            Add(block + "attn.k_ln.weight", width);
            AddFeedForward(block, width, config.InnerWidth, hasBias: false);
        }

        AddGeometric("transformer.blocks.0.geom_attn.", width, config.VectorHeads, hasBias: false);
        Add("transformer.norm.weight", width);
    }

    public StructureFormulaWeights(StructureEncoderConfig config)
    {
        Add("relative_positional_embedding.embedding.weight", 66, config.Width);
        for (int i = 0; i < config.Layers; i++)
        {
            string block = $"transformer.blocks.{i}.";
            AddGeometric(block + "geom_attn.", config.Width, config.VectorHeads, hasBias: true);
            AddFeedForward(block, config.Width, config.InnerWidth, hasBias: true);
        }

        Add("pre_vq_proj.weight", config.OutputWidth, config.Width);
        Add("pre_vq_proj.bias", config.OutputWidth);
        Add("codebook.embeddings", config.Codes, config.OutputWidth);
    }

    /// <summary>ESM3-open: 1.4 billion parameters.</summary>
    public static Esm3Config Esm3Open { get; } = new(1536, 24, 256, 48);

    /// <summary>Its structure encoder.</summary>
    public static StructureEncoderConfig Esm3OpenEncoder { get; } = new(1024, 1, 128, 2, 128, 4096, 16);

    public override string Source => "formula";

    public override IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>Writes a folder with the weights of both networks, the trunk's matrices as bfloat16, and their dimensions.</summary>
    public static void WriteFolder(string folder, Esm3Config tower, StructureEncoderConfig encoder, WeightType towerType)
    {
        Directory.CreateDirectory(folder);
        Write(new StructureFormulaWeights(tower), Path.Combine(folder, "esm3.safetensors"), towerType);
        Write(new StructureFormulaWeights(encoder), Path.Combine(folder, "structure_encoder.safetensors"), WeightType.Float32);
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""
            {
              "model": "formula",
              "esm3": { "d_model": {{tower.Width}}, "n_heads": {{tower.Heads}}, "v_heads": {{tower.VectorHeads}}, "n_layers": {{tower.Layers}} },
              "structure_encoder": {
                "d_model": {{encoder.Width}}, "n_heads": {{encoder.Heads}}, "v_heads": {{encoder.VectorHeads}}, "n_layers": {{encoder.Layers}},
                "d_out": {{encoder.OutputWidth}}, "n_codes": {{encoder.Codes}}, "knn": {{encoder.Neighbors}}
              }
            }
            """);

        static void Write(StructureFormulaWeights weights, string path, WeightType type)
        {
            var writer = new SafetensorsWriter();
            foreach (string name in weights.Tensors.Keys)
            {
                writer.Add(weights, name, type);
            }

            writer.Save(path);
        }
    }

    protected override void ReadElements(WeightInfo info, Span<float> destination)
    {
        // Vectors are norms and biases; tables and codes are as large as what they are added to or compared with.
        bool isVector = info.Shape.Count == 1, isWeight = info.Name.EndsWith(".weight", StringComparison.Ordinal);
        bool isTable = info.Name.Contains("embed", StringComparison.Ordinal);
        float offset = isVector && isWeight ? 1f : 0f;
        float factor = isVector ? 0.1f : isTable ? 1f : (float)Math.Sqrt(3.0 / info.Shape[1]);
        ulong seed = FormulaWeights.Hash(info.Name);
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = offset + (factor * FormulaWeights.Fraction(seed + (ulong)i));
        }
    }

    private void AddGeometric(string prefix, int width, int heads, bool hasBias)
    {
        Add(prefix + "s_norm.weight", width);
        Add(prefix + "proj.weight", 15 * heads, width);
        Add(prefix + "out_proj.weight", width, 3 * heads);
        Add(prefix + "distance_scale_per_head", heads);
        Add(prefix + "rotation_scale_per_head", heads);
        if (hasBias)
        {
            Add(prefix + "s_norm.bias", width);
            Add(prefix + "proj.bias", 15 * heads);
            Add(prefix + "out_proj.bias", width);
        }
    }

    private void AddFeedForward(string block, int width, int inner, bool hasBias)
    {
        Add(block + "ffn.0.weight", width);
        Add(block + "ffn.0.bias", width);
        Add(block + "ffn.1.weight", 2 * inner, width);
        Add(block + "ffn.3.weight", width, inner);
        if (hasBias)
        {
            Add(block + "ffn.1.bias", 2 * inner);
            Add(block + "ffn.3.bias", width);
        }
    }

    private void Add(string name, params long[] shape) => _tensors.Add(name, new WeightInfo(name, WeightType.Float32, shape));
}
