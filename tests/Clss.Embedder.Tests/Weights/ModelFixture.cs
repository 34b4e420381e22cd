using System.Text.Json.Nodes;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

/// <summary>Small models in every form, written to a folder.</summary>
internal static class ModelFixture
{
    public static string Checkpoint(TemporaryFolder folder, string name = "tiny.lckpt", bool legacy = false, bool frequencies = true)
    {
        TorchFixture fixture = TorchFixture.Model(frequencies: frequencies);
        string path = folder.File(name);
        File.WriteAllBytes(path, legacy ? fixture.Legacy() : fixture.Zip());
        return path;
    }

    /// <summary>The configuration that <see cref="TorchFixture.Model"/> has, in Hugging Face's words.</summary>
    public static JsonObject Config() => JsonNode.Parse(
        """
        {"model_type":"esm","vocab_size":33,"hidden_size":8,"num_hidden_layers":2,"num_attention_heads":2,"intermediate_size":16,
         "layer_norm_eps":1e-05,"position_embedding_type":"rotary","emb_layer_norm_before":false,"token_dropout":true,
         "mask_token_id":32,"pad_token_id":1,"vocab_list":null}
        """)!.AsObject();

    public static string HuggingFace(TemporaryFolder folder, string prefix = "esm.", JsonObject? config = null)
    {
        string path = folder.File("esm2");
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, "config.json"), (config ?? Config()).ToJsonString());
        using TorchCheckpoint model = TorchFixture.Open(TorchFixture.Model().Zip());
        var writer = new SafetensorsWriter();
        foreach (WeightInfo info in model.Tensors.Values.Where(info => info.Name.StartsWith("sequence_encoder.", StringComparison.Ordinal)))
        {
            writer.Add(prefix + info.Name["sequence_encoder.".Length..], WeightType.Float32, info.Shape, TorchFixture.Values(model, info.Name));
        }

        writer.Save(Path.Combine(path, "model.safetensors"));
        return path;
    }

    public static string ClssFolder(TemporaryFolder folder)
    {
        string path = folder.File("clss");
        Directory.CreateDirectory(path);
        var config = new JsonObject
        {
            ["model"] = "clss-test",
            ["sequence_encoder"] = Config(),
            ["esm3"] = new JsonObject { ["d_model"] = 6, ["n_heads"] = 1, ["v_heads"] = 2, ["n_layers"] = 1 },
        };
        File.WriteAllText(Path.Combine(path, "config.json"), config.ToJsonString());
        using TorchCheckpoint model = TorchFixture.Open(TorchFixture.Model().Zip());
        var writer = new SafetensorsWriter();
        foreach (WeightInfo info in model.Tensors.Values)
        {
            writer.Add(model, info.Name, WeightType.Float32);
        }

        writer.Save(Path.Combine(path, "clss.safetensors"));
        var structure = new SafetensorsWriter();
        structure.Add("transformer.norm.weight", WeightType.Float32, [2], new float[] { 1, 2 });
        structure.Save(Path.Combine(path, "esm3.safetensors"));
        return path;
    }
}
