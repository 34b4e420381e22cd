using System.IO.Compression;
using System.Runtime.InteropServices;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Weights;

public class TorchCheckpointTests
{
    public static TheoryData<string> Forms => ["stored", "deflated", "legacy"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_EveryRealType_GivesSinglePrecision(string form)
    {
        float[] expected = [0f, 1f, -2.5f, 0.15625f];
        var fixture = new TorchFixture()
            .Add("double", "DoubleStorage", Bytes(Array.ConvertAll(expected, value => (double)value)), 4, 0, [4], [1])
            .Add("single", "FloatStorage", Bytes(expected), 4, 0, [2, 2], [2, 1])
            .Add("half", "HalfStorage", Bytes(Array.ConvertAll(expected, value => (Half)value)), 4, 0, [4], [1])
            .Add("bfloat", "BFloat16Storage", Bytes(Array.ConvertAll(expected, value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))), 4, 0, [4], [1]);
        using TorchCheckpoint file = TorchFixture.Open(Build(fixture, form));
        foreach (string name in file.Tensors.Keys)
        {
            Assert.Equal(expected, TorchFixture.Values(file, name));
        }

        Assert.Equal(
            [WeightType.Float64, WeightType.Float32, WeightType.Float16, WeightType.BFloat16],
            file.Tensors.Values.Select(info => info.Type));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_RandomViews_EqualTheNaiveGather(string form)
    {
        const int seed = 20;
        var random = new Random(seed);
        var fixture = new TorchFixture();
        var expected = new List<float[]>();
        for (int i = 0; i < 200; i++)
        {
            (long[] shape, long[] strides, long offset, float[] storage) = RandomView(random);
            fixture.Add($"t{i}", "FloatStorage", Bytes(storage), storage.Length, offset, shape, strides);
            expected.Add(Gather(storage, shape, strides, offset));
        }

        using TorchCheckpoint file = TorchFixture.Open(Build(fixture, form));
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal(expected[i], TorchFixture.Values(file, $"t{i}"));
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void Open_WholeNumbers_AreListedAndNotRead(string form)
    {
        var fixture = new TorchFixture().Add("ids", "LongStorage", new byte[24], 3, 0, [1, 3], [3, 1]);
        using TorchCheckpoint file = TorchFixture.Open(Build(fixture, form));
        Assert.Equal(WeightType.Int64, file.Tensors["ids"].Type);
        var error = Assert.Throws<WeightFormatException>(() => file.Read("ids", new float[3]));
        Assert.Contains("'ids' holds Int64", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UntypedStorageWithDtype_Reads()
    {
        byte[] pickle = new PickleBuilder().Op('}').Text("w").Global("torch._utils", "_rebuild_tensor_v3")
            .Op('(').Op('(').Text("storage").Global("torch.storage", "UntypedStorage").Text("0").Text("cpu").Int(8).Op('t').Op('Q')
            .Int(0).Tuple(2).Tuple(1).Op(0x89).Op('}').Global("torch", "float32").Op('t').Op('R').Op('s').Stop();
        using TorchCheckpoint file = TorchFixture.Open(TorchFixture.Zip([("data.pkl", pickle), ("data/0", Bytes<float>([3f, 4f]))]));
        Assert.Equal([3f, 4f], TorchFixture.Values(file, "w"));
    }

    [Fact]
    public void Open_ParameterOfPlainStateDict_Reads()
    {
        var pickle = new PickleBuilder().Op('}').Text("w").Global("torch._utils", "_rebuild_parameter").Op('(');
        pickle.Tensor("FloatStorage", "0", 2, 0, [2], [1]).Op(0x88).Op('}').Op('t').Op('R').Op('s');
        using TorchCheckpoint file = TorchFixture.Open(TorchFixture.Zip([("data.pkl", pickle.Stop()), ("data/0", Bytes<float>([3f, 4f]))]));
        Assert.Equal([3f, 4f], TorchFixture.Values(file, "w"));
    }

    [Fact]
    public void Open_FrozenProtocol4_Reads()
    {
        var pickle = new PickleBuilder(4).Op(0x95).Raw(200, 0, 0, 0, 0, 0, 0, 0).Op('}').Op(0x94).Op(0x8C).Raw(1).Raw("w"u8.ToArray()).Op(0x94);
        pickle.Text("torch._utils").Text("_rebuild_tensor_v2").Op(0x93).Op('(').Storage("FloatStorage", "0", 2);
        pickle.Int(0).Int(2).Op(0x85).Int(1).Op(0x85).Op(0x89).Text("collections").Text("OrderedDict").Op(0x93).Op(')').Op('R').Op('t').Op('R').Op('s');
        using TorchCheckpoint file = TorchFixture.Open(TorchFixture.Zip([("data.pkl", pickle.Stop()), ("data/0", Bytes<float>([3f, 4f]))]));
        Assert.Equal([3f, 4f], TorchFixture.Values(file, "w"));
    }

    [Fact]
    public void HyperParameters_OfNamespaceOrAttributeDict_AreReadWithoutBuildingThem()
    {
        foreach (bool attributes in (bool[])[true, false])
        {
            TorchFixture fixture = new TorchFixture().Add("w", [1f], 1);
            fixture.Beside.Add(("hyper_parameters", pickle => WriteNamespace(pickle, attributes)));
            using TorchCheckpoint file = TorchFixture.Open(fixture.Zip());
            Assert.Equal("32", file.HyperParameters["hidden_dim"]);
        }
    }

    [Fact]
    public void Find_MissingName_SuggestsTheNearest()
    {
        using TorchCheckpoint file = TorchFixture.Open(new TorchFixture().Add("layer.0.weight", [1f], 1).Zip());
        var error = Assert.Throws<WeightFormatException>(() => file.Find("layer.0.wieght"));
        Assert.Contains("Did you mean 'layer.0.weight'?", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_AbsentFile_SaysSo() =>
        Assert.Contains("cannot be opened", Assert.Throws<WeightFormatException>(() => TorchCheckpoint.Open("/nowhere/at/all.ckpt")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_FromManyThreads_GivesTheSame()
    {
        TorchFixture fixture = ModelFixture.Checkpoint();
        using TorchCheckpoint file = TorchFixture.Open(fixture.Zip());
        Parallel.For(0, 64, i =>
        {
            (string name, _, byte[] bytes, _, _, _, _) = fixture.Tensors[i % fixture.Tensors.Count];
            Assert.Equal(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), TorchFixture.Values(file, name));
        });
    }

    internal static byte[] Build(TorchFixture fixture, string form) => form switch
    {
        "stored" => fixture.Zip(),
        "deflated" => fixture.Zip(CompressionLevel.Optimal),
        _ => fixture.Legacy(),
    };

    /// <summary>A class with hidden_dim = 32, as an attribute or, in a class derived from dict, as a pair.</summary>
    private static void WriteNamespace(PickleBuilder pickle, bool attribute)
    {
        pickle.Global("argparse", "Namespace").Op(')').Op(0x81);
        _ = attribute ? pickle.Op('}').Text("hidden_dim").Int(32).Op('s').Op('b') : pickle.Op('(').Text("hidden_dim").Int(32).Op('u');
    }

    private static byte[] Bytes<T>(T[] values)
        where T : unmanaged => MemoryMarshal.AsBytes<T>(values).ToArray();

    private static (long[] Shape, long[] Strides, long Offset, float[] Storage) RandomView(Random random)
    {
        long[] shape = new long[random.Next(0, 4)];
        long[] strides = new long[shape.Length];
        int[] order = [.. Enumerable.Range(0, shape.Length)];
        random.Shuffle(order);
        long step = random.Next(1, 3);
        foreach (int axis in order)
        {
            shape[axis] = random.Next(1, 6);
            strides[axis] = step;
            step *= shape[axis] + random.Next(0, 2);
        }

        long offset = random.Next(0, 5);
        var storage = new float[offset + step + random.Next(0, 3)];
        for (int i = 0; i < storage.Length; i++)
        {
            storage[i] = random.NextSingle();
        }

        return (shape, strides, offset, storage);
    }

    private static float[] Gather(float[] storage, long[] shape, long[] strides, long offset)
    {
        if (shape.Length == 0)
        {
            return [storage[offset]];
        }

        return [.. Enumerable.Range(0, (int)shape[0]).SelectMany(i => Gather(storage, shape[1..], strides[1..], offset + (i * strides[0])))];
    }
}
