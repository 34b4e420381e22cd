using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

public class TorchGoldenTests
{
    [Theory]
    [InlineData("clss-tiny.lckpt")]
    [InlineData("clss-tiny-legacy.pt")]
    public void Read_TensorsOfUnusualStorage_EqualTheGoldens(string file)
    {
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.SharedPath("golden", "clss-tiny.golden.safetensors"));
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(Repository.SharedPath("golden", file));
        string[] names = [.. golden.Tensors.Keys.Where(name => name.StartsWith("ckpt.", StringComparison.Ordinal))];
        Assert.True(names.Length >= 6, $"only {names.Length} tensors");
        foreach (string name in names)
        {
            Assert.Equal(golden.Tensors[name].Shape, checkpoint.Tensors[name["ckpt.".Length..]].Shape);
            Assert.Equal(Values(golden, name), Values(checkpoint, name["ckpt.".Length..]));
        }
    }

    [Fact]
    public void Read_BothForms_HoldTheSame()
    {
        using TorchCheckpoint zip = TorchCheckpoint.Open(Repository.SharedPath("golden", "clss-tiny.lckpt"));
        using TorchCheckpoint legacy = TorchCheckpoint.Open(Repository.SharedPath("golden", "clss-tiny-legacy.pt"));
        Assert.Equal(["sequence_encoder.embeddings.position_ids"], legacy.Tensors.Keys.Except(zip.Tensors.Keys));
        Assert.Equal(WeightType.Int64, legacy.Tensors["sequence_encoder.embeddings.position_ids"].Type);
        Assert.Equal("facebook/esm2_t12_35M_UR50D", zip.HyperParameters["esm2_checkpoint"]);
        Assert.Equal(zip.HyperParameters, legacy.HyperParameters);
        Assert.Empty(zip.Tensors["temperature"].Shape);
        foreach (string name in zip.Tensors.Keys)
        {
            Assert.Equal(zip.Tensors[name].Shape, legacy.Tensors[name].Shape);
            Assert.Equal(Values(zip, name), Values(legacy, name));
        }
    }

    [Theory]
    [InlineData("esm3_sm_open_v1.pth")]
    [InlineData("esm3_sm_open_v1.bf16.pth")]
    [InlineData("esm3_structure_encoder_v0.pth")]
    public void Open_PlainStateDict_EveryTensorReads(string file)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(Repository.SharedPath("golden", "esm3-tiny", file));
        Assert.True(checkpoint.Tensors.Count > 20);
        foreach (WeightInfo info in checkpoint.Tensors.Values.Where(info => info.Type is WeightType.Float32 or WeightType.BFloat16))
        {
            Assert.All(Values(checkpoint, info.Name), value => Assert.True(float.IsFinite(value)));
        }
    }

    private static float[] Values(WeightFile file, string name)
    {
        var values = new float[file.Tensors[name].Count];
        file.Read(name, values);
        return values;
    }
}
