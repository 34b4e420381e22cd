using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Weights;

public class SafetensorsGoldenTests
{
    [Theory]
    [InlineData("golden/esm2-tiny/model.safetensors", "esm.embeddings.word_embeddings.weight", 33, 40)]
    [InlineData("models/clss-mini/clss.safetensors", "sequence_adapter.1.weight", 32, 192)]
    [InlineData("models/clss-mini/esm3.safetensors", "encoder.structure_tokens_embed.weight", 4101, 128)]
    public void Open_ReferenceFile_EveryTensorReads(string path, string name, long rows, long columns)
    {
        using SafetensorsFile file = SafetensorsFile.Open(Repository.SharedPath(path.Split('/')));
        Assert.Equal([rows, columns], file.Tensors[name].Shape);
        foreach (WeightInfo info in file.Tensors.Values)
        {
            var values = new float[info.Count];
            file.Read(info.Name, values);
            Assert.All(values, value => Assert.True(float.IsFinite(value)));
        }
    }
}
