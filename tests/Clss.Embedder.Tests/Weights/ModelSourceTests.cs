using System.Text.Json.Nodes;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

public sealed class ModelSourceTests : IDisposable
{
    private static readonly EsmConfig Expected = new() { VocabularySize = 33, HiddenSize = 8, Layers = 2, Heads = 2, IntermediateSize = 16 };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Open_Checkpoint_InfersTheConfiguration(bool legacy)
    {
        using ModelSource model = ModelSource.Open(ModelFixture.Checkpoint(_folder, legacy: legacy));
        Assert.Equal(ModelSourceKind.Checkpoint, model.Kind);
        Assert.Equal(Expected, model.Description.SequenceTower);
        Assert.Equal("tiny", model.Description.Name);
        Assert.Equal(4, model.Description.Dimension);
        Assert.True(model.Description.HasSequenceAdapter);
        Assert.True(model.Description.HasStructureAdapter);
        Assert.Equal(33 * 8, model.SequenceEncoder.Read("embeddings.word_embeddings.weight", 33, 8).Length);
    }

    [Fact]
    public void Open_CheckpointThatDoesNotTellItsHeads_SaysWhatToDo()
    {
        string path = ModelFixture.Checkpoint(_folder, frequencies: false);
        string message = Assert.Throws<WeightFormatException>(() => ModelSource.Open(path)).Message;
        Assert.Contains("number of attention heads", message, StringComparison.Ordinal);
        Assert.Contains("'some/esm2'", message, StringComparison.Ordinal);
        Assert.Contains("config.json", message, StringComparison.Ordinal);

        using (ModelSource given = ModelSource.Open(path, Expected))
        {
            Assert.Equal(Expected, given.Description.SequenceTower);
        }

        _folder.Write("config.json", ModelFixture.Config().ToJsonString());
        using ModelSource beside = ModelSource.Open(path);
        Assert.Equal(Expected, beside.Description.SequenceTower);
    }

    [Fact]
    public void Open_ConfigOfAnotherProgramBeside_IsIgnored()
    {
        string path = ModelFixture.Checkpoint(_folder);
        _folder.Write("config.json", """{"editor":"dark"}""");
        using ModelSource model = ModelSource.Open(path);
        Assert.Equal(Expected, model.Description.SequenceTower);
    }

    [Fact]
    public void Open_ConfigOfAnotherModel_NamesTensorAndShapes()
    {
        string path = ModelFixture.Checkpoint(_folder);
        string message = Assert.Throws<WeightFormatException>(() => ModelSource.Open(path, Expected with { HiddenSize = 16 })).Message;
        Assert.Contains("embeddings.word_embeddings.weight' is Float32 [33, 8]", message, StringComparison.Ordinal);
        Assert.Contains("[33, 16]", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(320, 6, 20)]
    [InlineData(480, 12, 20)]
    [InlineData(640, 30, 20)]
    [InlineData(1280, 33, 20)]
    [InlineData(2560, 36, 40)]
    [InlineData(5120, 48, 40)]
    public void Infer_PublishedSizeWithoutFrequencies_KnowsItsHeads(int hidden, int layers, int heads)
    {
        EsmConfig config = EsmConfigInference.Infer(new NamesOnly(hidden, layers), "sequence_encoder.", new Dictionary<string, string>());
        Assert.Equal((hidden, layers, heads, 4 * hidden), (config.HiddenSize, config.Layers, config.Heads, config.IntermediateSize));
    }

    [Theory]
    [InlineData("esm.")]
    [InlineData("")]
    public void Open_HuggingFaceFolder_HasNoAdapter(string prefix)
    {
        using ModelSource model = ModelSource.Open(ModelFixture.HuggingFace(_folder, prefix));
        Assert.Equal(ModelSourceKind.HuggingFace, model.Kind);
        Assert.Equal(prefix, model.SequencePrefix);
        Assert.Equal(Expected, model.Description.SequenceTower);
        Assert.False(model.Description.HasSequenceAdapter);
        Assert.Equal(0, model.Description.Dimension);
    }

    [Fact]
    public void Open_HuggingFaceFolderWithCheckpoint_ReadsTheSameNumbers()
    {
        string path = ModelFixture.HuggingFace(_folder);
        string fingerprint;
        using (ModelSource safetensors = ModelSource.Open(path))
        {
            fingerprint = safetensors.Fingerprint;
        }

        File.Delete(Path.Combine(path, "model.safetensors"));
        var plain = new TorchFixture();
        foreach ((string name, string type, byte[] bytes, long count, long offset, long[] shape, long[] strides) in ModelFixture.Checkpoint().Tensors)
        {
            plain.Add(name.Replace("sequence_encoder.", "esm.", StringComparison.Ordinal), type, bytes, count, offset, shape, strides);
        }

        plain.Tensors.RemoveAll(tensor => tensor.Name.StartsWith("sequence_adapter", StringComparison.Ordinal) || tensor.Name.StartsWith("structure_adapter", StringComparison.Ordinal));
        File.WriteAllBytes(Path.Combine(path, "pytorch_model.bin"), plain.Zip());
        using ModelSource checkpoint = ModelSource.Open(path);
        Assert.Equal(fingerprint, checkpoint.Fingerprint);
    }

    [Fact]
    public void Open_ClssFolder_DescribesAllNetworks()
    {
        using ModelSource model = ModelSource.Open(ModelFixture.ClssFolder(_folder));
        Assert.Equal(ModelSourceKind.ClssFolder, model.Kind);
        Assert.Equal("clss-test", model.Description.Name);
        Assert.Equal(new Esm3Config(6, 1, 2, 1), model.Description.StructureTower);
        Assert.True(model.HasFile("esm3.safetensors"));
        using WeightFile structure = model.OpenFile("esm3.safetensors");
        Assert.Equal([1f, 2f], TorchFixture.Values(structure, "transformer.norm.weight"));
        Assert.Throws<WeightFormatException>(() => model.OpenFile("../clss.safetensors"));
        Assert.Throws<WeightFormatException>(() => model.OpenFile("absent.safetensors"));
    }

    [Theory]
    [InlineData("model_type", "\"bert\"", "ESM-2")]
    [InlineData("position_embedding_type", "\"absolute\"", "absolute")]
    [InlineData("position_embedding_type", "null", "absolute where absent")]
    [InlineData("emb_layer_norm_before", "true", "emb_layer_norm_before is true")]
    [InlineData("is_folding_model", "true", "is_folding_model")]
    [InlineData("is_decoder", "true", "is_decoder")]
    [InlineData("mask_token_id", "5", "mask_token_id is 5")]
    [InlineData("num_attention_heads", "3", "do not fit")]
    [InlineData("num_attention_heads", "8", "even width")]
    [InlineData("num_attention_heads", "0", "num_attention_heads is 0")]
    [InlineData("num_attention_heads", "null", "\"num_attention_heads\" is absent")]
    [InlineData("hidden_size", "\"8\"", "expected a whole number")]
    [InlineData("num_hidden_layers", "2000000000", "expected a number from 1")]
    [InlineData("vocab_size", "20", "vocab_size is 20")]
    [InlineData("layer_norm_eps", "-1", "layer_norm_eps")]
    [InlineData("layer_norm_eps", "1e999", "layer_norm_eps")]
    [InlineData("num_hidden_layers", "3", "encoder.layer.2")]
    [InlineData("intermediate_size", "17", "[17, 8]")]
    public void Open_ConfigThatIsNotComputed_IsRefusedByName(string name, string value, string expected)
    {
        JsonObject config = ModelFixture.Config();
        config[name] = JsonNode.Parse(value);
        string path = ModelFixture.HuggingFace(_folder, config: config);
        string message = Assert.Throws<WeightFormatException>(() => ModelSource.Open(path)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WhatIsNoModel_SaysWhatWasExpected()
    {
        string text = _folder.Write("notes.txt", "no model at all");
        string safetensors = _folder.Write("w.safetensors", "no model at all");
        string empty = _folder.File("empty");
        Directory.CreateDirectory(empty);
        string split = _folder.File("split");
        Directory.CreateDirectory(split);
        File.WriteAllText(Path.Combine(split, "config.json"), ModelFixture.Config().ToJsonString());
        File.WriteAllText(Path.Combine(split, "model.safetensors.index.json"), "{}");
        string structures = _folder.File("structures");
        Directory.CreateDirectory(structures);
        File.WriteAllText(Path.Combine(structures, "config.json"), """{"esm3":{"d_model":8}}""");
        foreach (string path in (string[])[text, safetensors, empty, split, structures, _folder.File("absent")])
        {
            string message = Assert.Throws<WeightFormatException>(() => ModelSource.Open(path)).Message;
            Assert.Contains(path, message, StringComparison.Ordinal);
            Assert.Contains("Expected one of: a model directory", message, StringComparison.Ordinal);
        }

        Assert.Contains("split into several files", Assert.Throws<WeightFormatException>(() => ModelSource.Open(split)).Message, StringComparison.Ordinal);
        Assert.Contains("Give the folder", Assert.Throws<WeightFormatException>(() => ModelSource.Open(safetensors)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_MistypedPath_SuggestsTheNeighbour()
    {
        ModelFixture.Checkpoint(_folder, "clss-sub.lckpt");
        string message = Assert.Throws<WeightFormatException>(() => ModelSource.Open(_folder.File("clss-sbu.lckpt"))).Message;
        Assert.Contains("Did you mean 'clss-sub.lckpt'?", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_CheckpointWithoutSequenceTower_SaysWhatItHolds()
    {
        string path = _folder.File("other.pt");
        File.WriteAllBytes(path, new TorchFixture().Add("conv.weight", [1f], 1).Zip());
        Assert.Contains("'conv.weight'", Assert.Throws<WeightFormatException>(() => ModelSource.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fingerprint_OfTheSameNumbers_IsTheSameInEveryForm()
    {
        using ModelSource zip = ModelSource.Open(ModelFixture.Checkpoint(_folder));
        using ModelSource legacy = ModelSource.Open(ModelFixture.Checkpoint(_folder, "legacy.pt", legacy: true));
        using ModelSource clss = ModelSource.Open(ModelFixture.ClssFolder(_folder));
        Assert.Matches("^sha256:[0-9a-f]{64}$", zip.Fingerprint);
        Assert.Equal(zip.Fingerprint, legacy.Fingerprint);
        Assert.Equal(zip.Fingerprint, clss.Fingerprint);
    }

    [Fact]
    public void Fingerprint_OfAnyOtherNumberOrConfiguration_Differs()
    {
        string path = ModelFixture.Checkpoint(_folder);
        using ModelSource model = ModelSource.Open(path);
        using ModelSource heads = ModelSource.Open(path, Expected with { Heads = 1 });
        using ModelSource epsilon = ModelSource.Open(path, Expected with { LayerNormEpsilon = 1e-12 });
        TorchFixture other = ModelFixture.Checkpoint();
        int adapter = other.Tensors.FindIndex(tensor => tensor.Name == "sequence_adapter.1.bias");
        other.Tensors[adapter].Bytes[0] ^= 1;
        File.WriteAllBytes(_folder.File("other.pt"), other.Zip());
        using ModelSource changed = ModelSource.Open(_folder.File("other.pt"));
        Assert.Equal(4, new[] { model, heads, epsilon, changed }.Select(source => source.Fingerprint).Distinct().Count());
    }

    [Fact]
    public void Fingerprint_OfUnusedTensors_DoesNotDepend()
    {
        using ModelSource model = ModelSource.Open(ModelFixture.Checkpoint(_folder));
        TorchFixture more = ModelFixture.Checkpoint().Add("sequence_encoder.pooler.dense.bias", [1f], 1);
        File.WriteAllBytes(_folder.File("more.pt"), more.Zip());
        using ModelSource source = ModelSource.Open(_folder.File("more.pt"));
        Assert.Equal(model.Fingerprint, source.Fingerprint);
    }

    [Fact]
    public void Open_GoldenForms_AgreeOnTheFingerprint()
    {
        using ModelSource zip = ModelSource.Open(Repository.SharedPath("golden", "clss-tiny.lckpt"));
        using ModelSource legacy = ModelSource.Open(Repository.SharedPath("golden", "clss-tiny-legacy.pt"));
        using ModelSource tower = ModelSource.Open(Repository.SharedPath("golden", "esm2-tiny"));
        Assert.Equal(tower.Description.SequenceTower, zip.Description.SequenceTower);
        Assert.Equal(zip.Fingerprint, legacy.Fingerprint);
        Assert.NotEqual(tower.Fingerprint, zip.Fingerprint);
    }

    /// <summary>The tensors that tell the dimensions, without numbers.</summary>
    private sealed class NamesOnly : WeightFile
    {
        private readonly Dictionary<string, WeightInfo> _infos = [];

        public NamesOnly(int hidden, int layers)
        {
            Add("embeddings.word_embeddings.weight", 33, hidden);
            Add("encoder.layer.0.intermediate.dense.weight", 4 * hidden, hidden);
            for (int i = 0; i < layers; i++)
            {
                Add($"encoder.layer.{i}.attention.self.query.weight", hidden, hidden);
            }
        }

        public override string Source => "names";

        public override IReadOnlyDictionary<string, WeightInfo> Tensors => _infos;

        protected override void ReadElements(WeightInfo info, Span<float> destination) => destination.Clear();

        private void Add(string name, params long[] shape) =>
            _infos.Add("sequence_encoder." + name, new WeightInfo("sequence_encoder." + name, WeightType.Float32, shape));
    }
}
