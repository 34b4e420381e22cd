using System.Text.Json.Nodes;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

/// <summary>Small models in every form, written to a folder.</summary>
internal static class ModelFixture
{
    /// <summary>The smallest ESM-2 with adapters, numbers drawn from a seed.</summary>
    public static TorchFixture Checkpoint(int seed = 1, int hidden = 8, int layers = 2, int heads = 2, int dimension = 4, bool frequencies = true)
    {
        var random = new Random(seed);
        var fixture = new TorchFixture();
        var config = new EsmConfig { VocabularySize = 33, HiddenSize = hidden, Layers = layers, Heads = heads, IntermediateSize = 2 * hidden };
        (string, long[])[] heading =
        [
            ("sequence_adapter.1.weight", [dimension, hidden]), ("sequence_adapter.1.bias", [dimension]),
            ("structure_adapter.0.weight", [dimension, 6]), ("structure_adapter.0.bias", [dimension]), ("temperature", []),
        ];
        foreach ((string name, long[] shape) in ModelTensors.Tower(config).Select(tensor => ("sequence_encoder." + tensor.Name, tensor.Shape)).Concat(heading))
        {
            fixture.Add(name, TorchFixture.Values(random, shape), shape);
        }

        if (frequencies)
        {
            fixture.Add("sequence_encoder.encoder.layer.0.attention.self.rotary_embeddings.inv_freq", new float[hidden / heads / 2], hidden / heads / 2);
        }

        fixture.Beside.Add(("hyper_parameters", pickle => pickle.Op('}').Op('(').Text("esm2_checkpoint").Text("some/esm2").Text("hidden_dim").Int(dimension).Op('u')));
        return fixture;
    }

    public static string Checkpoint(TemporaryFolder folder, string name = "tiny.lckpt", bool legacy = false, bool frequencies = true)
    {
        TorchFixture fixture = Checkpoint(frequencies: frequencies);
        string path = folder.File(name);
        File.WriteAllBytes(path, legacy ? fixture.Legacy() : fixture.Zip());
        return path;
    }

    /// <summary>The configuration that <see cref="Checkpoint(int, int, int, int, int, bool)"/> has, in Hugging Face's words.</summary>
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
        using TorchCheckpoint model = TorchFixture.Open(Checkpoint().Zip());
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
        using TorchCheckpoint model = TorchFixture.Open(Checkpoint().Zip());
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
