using System.Buffers.Binary;
using System.Text;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Weights;

public class SafetensorsTests
{
    public static TheoryData<WeightType> RealTypes => [WeightType.Float64, WeightType.Float32, WeightType.Float16, WeightType.BFloat16];

    [Theory]
    [MemberData(nameof(RealTypes))]
    public void Read_WhatWasWritten_IsTheNearestOfTheType(WeightType type)
    {
        const int seed = 30;
        var random = new Random(seed);
        for (int round = 0; round < 50; round++)
        {
            var writer = new SafetensorsWriter();
            writer.AddMetadata("text", "\"quoted\" \u00e9\ud83e\uddec");
            var expected = new Dictionary<string, (long[] Shape, float[] Values)>();
            foreach (int i in Enumerable.Range(0, random.Next(0, 8)))
            {
                long[] shape = [.. Enumerable.Range(0, random.Next(0, 4)).Select(_ => (long)random.Next(0, 7))];
                float[] values = TorchFixture.Values(random, shape);
                string name = $"tensor \u00e9 {i}.weight";
                expected.Add(name, (shape, values));
                writer.Add(name, type, shape, values);
            }

            using SafetensorsFile file = Open(Bytes(writer));
            Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), file.Tensors.Keys.Order(StringComparer.Ordinal));
            Assert.Equal("\"quoted\" \u00e9\ud83e\uddec", file.Metadata["text"]);
            foreach ((string name, (long[] shape, float[] values)) in expected)
            {
                Assert.Equal(shape, file.Tensors[name].Shape);
                Assert.Equal(type, file.Tensors[name].Type);
                Assert.Equal(Array.ConvertAll(values, value => Rounded(value, type)), TorchFixture.Values(file, name));
            }
        }
    }

    [Fact]
    public void Write_AnyOrderOfAdding_GivesTheSameAlignedBytes()
    {
        string[] names = ["b", "a", "d", "c", "e"];
        WeightType[] types = [WeightType.Float16, WeightType.Float64, WeightType.BFloat16, WeightType.Float32, WeightType.Float32];
        byte[]? first = null;
        foreach (int[] order in (int[][])[[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4, 1, 3]])
        {
            var writer = new SafetensorsWriter();
            foreach (int i in order)
            {
                writer.Add(names[i], types[i], [3], new float[] { i, 1, 2 });
            }

            byte[] bytes = Bytes(writer);
            first ??= bytes;
            Assert.Equal(first, bytes);
        }

        Assert.Equal(0UL, BinaryPrimitives.ReadUInt64LittleEndian(first) % 8);
        string header = Encoding.UTF8.GetString(first.AsSpan(8, (int)BinaryPrimitives.ReadUInt64LittleEndian(first)));
        Assert.Contains("\"a\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,24]},\"c\"", header, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_TensorLongerThanOneChunk_RoundTrips()
    {
        float[] values = TorchFixture.Values(new Random(5), [100_003]);
        foreach (TheoryDataRow<WeightType> type in RealTypes)
        {
            var writer = new SafetensorsWriter();
            writer.Add("w", type.Data, [values.Length], values);
            using SafetensorsFile file = Open(Bytes(writer));
            Assert.Equal(Array.ConvertAll(values, value => Rounded(value, type.Data)), TorchFixture.Values(file, "w"));
        }
    }

    [Fact]
    public void Write_BFloat16_RoundsToNearestEvenAndKeepsSpecialValues()
    {
        float[] values = [1f, 1.00390625f, 1.01171875f, float.PositiveInfinity, float.NaN, float.MaxValue, -0f];
        var writer = new SafetensorsWriter();
        writer.Add("w", WeightType.BFloat16, [values.Length], values);
        using SafetensorsFile file = Open(Bytes(writer));
        Assert.Equal([1f, 1f, 1.015625f, float.PositiveInfinity, float.NaN, float.PositiveInfinity, -0f], TorchFixture.Values(file, "w"));
    }

    [Fact]
    public void Add_WhatCannotBeWritten_IsRefused()
    {
        var writer = new SafetensorsWriter();
        writer.Add("w", WeightType.Float32, [1], new float[1]);
        Assert.Throws<ArgumentException>(() => writer.Add("w", WeightType.Float32, [1], new float[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("x", WeightType.Float32, [2], new float[1]));
        Assert.Throws<ArgumentException>(() => writer.Add("y", WeightType.Int32, [1], new float[1]));
    }

    [Fact]
    public void Open_EveryElementType_IsListed()
    {
        (string Name, int Size)[] types =
            [("F64", 8), ("F32", 4), ("F16", 2), ("BF16", 2), ("I64", 8), ("I32", 4), ("I16", 2), ("I8", 1), ("U64", 8), ("U32", 4), ("U16", 2), ("U8", 1), ("BOOL", 1)];
        int offset = 0;
        string header = "{" + string.Join(',', types.Select(type => $"\"{type.Name}\":{{\"dtype\":\"{type.Name}\",\"shape\":[1],\"data_offsets\":[{offset},{offset += type.Size}]}}")) + "}";
        using SafetensorsFile file = Open(File(header, offset));
        Assert.Equal(Enum.GetValues<WeightType>(), types.Select(type => file.Tensors[type.Name].Type));
        Assert.Contains("'BOOL' holds Bool", Assert.Throws<WeightFormatException>(() => file.Read("BOOL", new float[1])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "needs 8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "cut off")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "cut off or damaged")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "overlap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leave a gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "follow the last")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "listed twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", 4, "more elements")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "more elements")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "no length")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "no length")]
    [InlineData("""{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "no length")]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", 4, "'F8_E4M3'")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":"x","data_offsets":[0,4]}}""", 4, "expected StartArray")]
    [InlineData("""{"a":{"dtype":7}}""", 4, "expected String")]
    [InlineData("""{"a":[[[[[[[[[[1]]]]]]]]]]}""", 0, "expected StartObject")]
    [InlineData("""{"__metadata__":{"a":{"b":{"c":{"d":{"e":1}}}}}}""", 0, "expected String")]
    [InlineData("""{"a":""", 0, "JSON")]
    [InlineData("""[1]""", 0, "expected StartObject")]
    [InlineData("""{} {}""", 0, "JSON")]
    [InlineData("", 0, "JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "JSON")]
    public void Open_LyingHeader_IsRefused(string header, int dataBytes, string expected)
    {
        var error = Assert.Throws<WeightFormatException>(() => Open(File(header, dataBytes)));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("test.safetensors", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1000UL)]
    [InlineData(1UL << 40)]
    [InlineData(ulong.MaxValue)]
    [InlineData((ulong)long.MaxValue)]
    public void Open_HeaderLengthThatLies_IsRefusedBeforeAllocating(ulong length)
    {
        byte[] file = File("{}", 0);
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WeightFormatException>(() => Open(file));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Open_DeeplyNestedHeader_IsRefused()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"a":""", 200_000));
        Assert.Throws<WeightFormatException>(() => Open(File(deep, 0)));
    }

    [Fact]
    public void Open_CutAtAnyLength_IsRefused()
    {
        byte[] file = Sample();
        for (int length = 0; length < file.Length; length++)
        {
            Assert.Throws<WeightFormatException>(() => Open(file[..length]));
        }
    }

    [Fact]
    public void Open_AnyBitFlipped_GivesAResultOrTheReadersError()
    {
        byte[] file = Sample();
        int refused = 0;
        for (int i = 0; i < 8 * file.Length; i++)
        {
            byte[] flipped = [.. file];
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            refused += Opens(flipped) ? 0 : 1;
        }

        Assert.InRange(refused, 8, 8 * file.Length);
    }

    [Fact]
    public void Read_DestinationOfAnotherLength_IsRefused()
    {
        using SafetensorsFile file = Open(Sample());
        Assert.Throws<ArgumentException>(() => file.Read("a", new float[5]));
    }

    [Fact]
    public void Scope_ShapeOfAnotherModel_NamesTheTensorAndBothShapes()
    {
        var writer = new SafetensorsWriter();
        writer.Add("encoder.layer.0.dense.weight", WeightType.Float32, [2, 3], new float[] { 1, 2, 3, 4, 5, 6 });
        using SafetensorsFile file = Open(Bytes(writer));
        WeightScope scope = new WeightScope(file, "encoder").Sub("layer.0");
        Assert.Equal([1, 2, 3, 4, 5, 6], scope.Read("dense.weight", 2, 3));
        Assert.True(scope.Contains("dense.weight"));
        string message = Assert.Throws<WeightFormatException>(() => scope.Read("dense.weight", 3, 2)).Message;
        Assert.Contains("'encoder.layer.0.dense.weight' has shape [2, 3]", message, StringComparison.Ordinal);
        Assert.Contains("[3, 2]", message, StringComparison.Ordinal);
        Assert.Contains("encoder.layer.0.dense.bias", Assert.Throws<WeightFormatException>(() => scope.Read("dense.bias", 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scope_NumbersThatAreNotFinite_AreRefusedByName()
    {
        foreach (float value in (float[])[float.NaN, float.PositiveInfinity])
        {
            var writer = new SafetensorsWriter();
            writer.Add("w", WeightType.Float32, [20], Enumerable.Repeat(1f, 19).Append(value).ToArray());
            using SafetensorsFile file = Open(Bytes(writer));
            Assert.Contains("'w' holds numbers that are not finite", Assert.Throws<WeightFormatException>(() => new WeightScope(file).Read("w", 20)).Message, StringComparison.Ordinal);
        }
    }

    internal static byte[] Bytes(SafetensorsWriter writer)
    {
        var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }

    private static byte[] Sample()
    {
        var writer = new SafetensorsWriter();
        writer.AddMetadata("format", "pt");
        writer.Add("a", WeightType.Float32, [2, 2], new float[] { 1, 2, 3, 4 });
        writer.Add("b", WeightType.Float16, [3], new float[] { 1, 2, 3 });
        return Bytes(writer);
    }

    private static bool Opens(byte[] bytes)
    {
        try
        {
            using SafetensorsFile file = Open(bytes);
            foreach (WeightInfo info in file.Tensors.Values.Where(info => info.Type.IsFloat()))
            {
                Assert.InRange(info.Count, 0, bytes.Length);
                TorchFixture.Values(file, info.Name);
            }

            return true;
        }
        catch (WeightFormatException)
        {
            return false;
        }
    }

    private static SafetensorsFile Open(byte[] bytes) => SafetensorsFile.Open(new MemoryStream(bytes), "test.safetensors");

    private static byte[] File(string header, int dataBytes)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        return [.. length, .. json, .. new byte[dataBytes]];
    }

    private static float Rounded(float value, WeightType type) => type switch
    {
        WeightType.Float16 => (float)(Half)value,
        WeightType.BFloat16 => NearestBFloat16(value),
        _ => value,
    };

    /// <summary>The nearer of the two neighbours, or the even one.</summary>
    private static float NearestBFloat16(float value)
    {
        uint below = BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000;
        (float low, float high) = (BitConverter.UInt32BitsToSingle(below), BitConverter.UInt32BitsToSingle(below + 0x10000));
        int nearer = Math.Abs(value - low).CompareTo(Math.Abs(high - value));
        bool lowIsEven = ((below >> 16) & 1) == 0;
        return nearer < 0 || (nearer == 0 && lowIsEven) ? low : high;
    }
}
