using System.Text.Json;

namespace Clss.Embedder.Weights;

/// <summary>Reads and writes an <see cref="EsmConfig"/> in the words of Hugging Face's <c>config.json</c>.</summary>
internal static class EsmConfigJson
{
    /// <summary>ESM-2's identifiers; the tokenizer has them built in.</summary>
    private const int MaskTokenId = 32;
    private const int PadTokenId = 1;

    public static EsmConfig Read(JsonObjectReader json)
    {
        Refuse(json);
        var config = new EsmConfig
        {
            VocabularySize = json.Int("vocab_size"),
            HiddenSize = json.Int("hidden_size"),
            Layers = json.Int("num_hidden_layers"),
            Heads = json.Int("num_attention_heads"),
            IntermediateSize = json.Int("intermediate_size"),
            LayerNormEpsilon = json.Double("layer_norm_eps"),
            TokenDropout = json.Bool("token_dropout") ?? false,
        };
        config.Validate(json.Place);
        return config;
    }

    public static void Write(Utf8JsonWriter writer, EsmConfig config)
    {
        writer.WriteStartObject();
        writer.WriteString("model_type", "esm");
        writer.WriteNumber("vocab_size", config.VocabularySize);
        writer.WriteNumber("hidden_size", config.HiddenSize);
        writer.WriteNumber("num_hidden_layers", config.Layers);
        writer.WriteNumber("num_attention_heads", config.Heads);
        writer.WriteNumber("intermediate_size", config.IntermediateSize);
        writer.WriteNumber("layer_norm_eps", config.LayerNormEpsilon);
        writer.WriteString("position_embedding_type", "rotary");
        writer.WriteBoolean("emb_layer_norm_before", false);
        writer.WriteBoolean("token_dropout", config.TokenDropout);
        writer.WriteEndObject();
    }

    /// <summary>Refuses what would be computed wrongly. Names and defaults: transformers, configuration_esm.py.</summary>
    private static void Refuse(JsonObjectReader json)
    {
        string? type = json.Text("model_type");
        if (type != "esm")
        {
            throw json.Error($"model_type is {Shown(type)}, expected \"esm\": only ESM-2 networks are computed here");
        }

        string? positions = json.Text("position_embedding_type");
        if (positions != "rotary")
        {
            throw json.Error($"position_embedding_type is {Shown(positions)} (absolute where absent), expected \"rotary\": ESM-1 networks are not computed here");
        }

        foreach (string name in (ReadOnlySpan<string>)["emb_layer_norm_before", "is_folding_model", "is_decoder", "add_cross_attention"])
        {
            if (json.Bool(name) == true)
            {
                throw json.Error($"{name} is true, which is not computed here; ESM-2 has false");
            }
        }

        CheckToken(json, "mask_token_id", MaskTokenId);
        CheckToken(json, "pad_token_id", PadTokenId);
    }

    private static void CheckToken(JsonObjectReader json, string name, int expected)
    {
        if (json.Has(name) && json.Int(name) != expected)
        {
            throw json.Error($"{name} is {json.Int(name)}, expected {expected} as in ESM-2's vocabulary");
        }
    }

    private static string Shown(string? value) => value is null ? "absent" : $"\"{value}\"";
}
