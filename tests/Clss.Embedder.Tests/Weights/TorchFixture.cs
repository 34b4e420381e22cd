using System.IO.Compression;
using System.Runtime.InteropServices;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Weights;

/// <summary>Small checkpoints in both forms, built in memory.</summary>
internal sealed class TorchFixture
{
    public List<(string Name, string Type, byte[] Bytes, long Count, long Offset, long[] Shape, long[] Strides)> Tensors { get; } = [];

    /// <summary>Pairs beside the state dict: a key and opcodes for its value.</summary>
    public List<(string Key, Action<PickleBuilder> Value)> Beside { get; } = [];

    public TorchFixture Add(string name, float[] values, params long[] shape) =>
        Add(name, "FloatStorage", MemoryMarshal.AsBytes<float>(values).ToArray(), values.Length, 0, shape, Strides(shape));

    public TorchFixture Add(string name, string type, byte[] bytes, long count, long offset, long[] shape, long[] strides)
    {
        Tensors.Add((name, type, bytes, count, offset, shape, strides));
        return this;
    }

    public byte[] Pickle(bool legacy)
    {
        var pickle = new PickleBuilder();
        pickle.Op('}').Op('(').Text("state_dict").Global("collections", "OrderedDict").Op(')').Op('R').Op('(');
        for (int i = 0; i < Tensors.Count; i++)
        {
            (string name, string type, _, long count, long offset, long[] shape, long[] strides) = Tensors[i];
            pickle.Text(name).Tensor(type, Key(i), count, offset, shape, strides, legacy);
        }

        pickle.Op('u');
        foreach ((string key, Action<PickleBuilder> value) in Beside)
        {
            value(pickle.Text(key));
        }

        return pickle.Op('u').Stop();
    }

    public byte[] Zip(CompressionLevel compression = CompressionLevel.NoCompression, string folder = "archive") =>
        Zip([("data.pkl", Pickle(legacy: false)), .. Tensors.Select((tensor, i) => ($"data/{Key(i)}", tensor.Bytes)), ("version", "3\n"u8.ToArray())], compression, folder);

    public static byte[] Zip((string Name, byte[] Bytes)[] entries, CompressionLevel compression = CompressionLevel.NoCompression, string folder = "archive")
    {
        var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in entries)
            {
                using Stream entry = zip.CreateEntry($"{folder}/{name}", compression).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    public byte[] Legacy(bool littleEndian = true)
    {
        var file = new MemoryStream();
        file.Write(new PickleBuilder().Long(Convert.FromHexString("6CFC9C46F9206AA85019")).Stop());
        file.Write(new PickleBuilder().Op('M').Raw(0xE9, 3).Stop());
        file.Write(new PickleBuilder().Op('}').Text("little_endian").Op(littleEndian ? (byte)0x88 : (byte)0x89).Op('s').Stop());
        file.Write(Pickle(legacy: true));
        var keys = new PickleBuilder().Op(']').Op('(');
        for (int i = 0; i < Tensors.Count; i++)
        {
            keys.Text(Key(i));
        }

        file.Write(keys.Op('e').Stop());
        foreach ((_, _, byte[] bytes, long count, _, _, _) in Tensors)
        {
            file.Write(BitConverter.GetBytes(count));
            file.Write(bytes);
        }

        return file.ToArray();
    }

    public static TorchCheckpoint Open(byte[] bytes) => TorchCheckpoint.Open(new MemoryStream(bytes), "test.ckpt");

    public static TorchCheckpoint OpenPickle(byte[] pickle) => Open(Zip([("data.pkl", pickle)]));

    public static float[] Values(WeightFile file, string name)
    {
        var values = new float[file.Tensors[name].Count];
        file.Read(name, values);
        return values;
    }

    public static float[] Values(Random random, long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (product, length) => product * length)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }

    public static long[] Strides(long[] shape)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= shape[i];
        }

        return strides;
    }

    private static string Key(int index) => (1000 + index).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
