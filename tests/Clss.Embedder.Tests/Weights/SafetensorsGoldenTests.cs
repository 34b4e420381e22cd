using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

public class SafetensorsGoldenTests
{
    [Theory]
    [InlineData("golden/esm2-tiny/model.safetensors")]
    [InlineData("models/clss-mini/clss.safetensors")]
    [InlineData("models/clss-mini/esm3.safetensors")]
    [InlineData("models/clss-mini/structure_encoder.safetensors")]
    public void Open_ReferenceFile_EveryTensorReads(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Repository.SharedPath(path.Split('/')));
        Assert.NotEmpty(file.Tensors);
        foreach (WeightInfo info in file.Tensors.Values)
        {
            Assert.All(TorchFixture.Values(file, info.Name), value => Assert.True(float.IsFinite(value)));
        }
    }

    [Fact]
    public void Read_RoundedTensors_EqualTheGoldensOfTheCheckpoint()
    {
        using SafetensorsFile tower = SafetensorsFile.Open(Repository.SharedPath("golden", "esm2-tiny", "model.safetensors"));
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.SharedPath("golden", "clss-tiny.golden.safetensors"));
        const string bfloat = "encoder.layer.1.output.dense.weight";
        const string half = "encoder.layer.0.attention.self.value.weight";
        Assert.Equal(TorchFixture.Values(golden, "ckpt.sequence_encoder." + half), Array.ConvertAll(TorchFixture.Values(tower, "esm." + half), value => (float)(Half)value));
        var writer = new SafetensorsWriter();
        writer.Add(tower, "esm." + bfloat, WeightType.BFloat16);
        using SafetensorsFile rounded = SafetensorsFile.Open(new MemoryStream(SafetensorsTests.Bytes(writer)), "rounded");
        Assert.Equal(TorchFixture.Values(golden, "ckpt.sequence_encoder." + bfloat), TorchFixture.Values(rounded, "esm." + bfloat));
    }
}
