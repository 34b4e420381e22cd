using Clss.Embedder.Weights.Torch;

namespace Clss.Embedder.Weights;

/// <summary>Opens a file of weights by what its first bytes say.</summary>
internal static class WeightFileOpener
{
    /// <summary>
    /// Whether the bytes begin like a zip file or a pickle. A safetensors file begins with its header's length, at most 100 MB in 8 bytes,
    /// so that bytes 4 to 7 are zero; its first two can look like a pickle's.
    /// </summary>
    public static bool IsCheckpoint(ByteSource source)
    {
        Span<byte> start = stackalloc byte[8];
        if (source.Length < start.Length)
        {
            return false;
        }

        source.Read(0, start);
        bool isLength = !start[4..].ContainsAnyExcept((byte)0);
        return start is [(byte)'P', (byte)'K', 3, 4, ..] || (start[0] == (byte)PickleOpcode.Proto && !isLength);
    }

    /// <summary>Opens safetensors or a checkpoint; the source belongs to the result.</summary>
    public static WeightFile Open(ByteSource source) =>
        IsCheckpoint(source) ? TorchCheckpoint.Open(source) : SafetensorsFile.Open(source);
}
