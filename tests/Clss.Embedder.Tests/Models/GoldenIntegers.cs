using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Models;

/// <summary>Whole numbers and flags of a golden safetensors file, which <see cref="WeightFile"/> reads no values of.</summary>
internal static class GoldenIntegers
{
    public static int[] Read(SafetensorsFile file, string name)
    {
        Assert.Equal(WeightType.Int32, file.Find(name).Type);
        return MemoryMarshal.Cast<byte, int>(Bytes(file, name)).ToArray();
    }

    public static bool[] ReadFlags(SafetensorsFile file, string name)
    {
        Assert.Equal(WeightType.Bool, file.Find(name).Type);
        return [.. Bytes(file, name).Select(value => value != 0)];
    }

    private static byte[] Bytes(SafetensorsFile file, string name)
    {
        using FileStream stream = File.OpenRead(file.Source);
        using var reader = new BinaryReader(stream);
        int header = (int)reader.ReadInt64();
        using JsonDocument json = JsonDocument.Parse(Encoding.UTF8.GetString(reader.ReadBytes(header)));
        JsonElement offsets = json.RootElement.GetProperty(name).GetProperty("data_offsets");
        stream.Position = sizeof(long) + header + offsets[0].GetInt64();
        return reader.ReadBytes((int)(offsets[1].GetInt64() - offsets[0].GetInt64()));
    }
}
