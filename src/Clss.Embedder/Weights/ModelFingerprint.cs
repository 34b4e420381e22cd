using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Clss.Embedder.Weights;

/// <summary>
/// Tells whether two models give the same vectors: a SHA-256 over the sequence tower's configuration and the single-precision values
/// of the tensors in use, in the order of their names. File form, prefix, stored type and unused tensors do not count.
/// </summary>
internal static class ModelFingerprint
{
    public const string Scheme = "sha256:";

    private const string Version = "clss-fingerprint 1";

    public static string Compute(ModelDescription description, WeightFile file, string prefix)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        EsmConfig config = description.SequenceTower
            ?? throw new WeightFormatException($"The model '{description.Name}' has no sequence tower; its structure side has a fingerprint of its own.");
        AppendLine(hash, Version);
        AppendLine(hash, string.Create(
            CultureInfo.InvariantCulture,
            $"esm2 vocabulary={config.VocabularySize} hidden={config.HiddenSize} layers={config.Layers} heads={config.Heads} intermediate={config.IntermediateSize} epsilon={config.LayerNormEpsilon:R} token_dropout={(config.TokenDropout ? 1 : 0)}"));
        var buffer = Array.Empty<float>();
        foreach ((string name, string fileName, _) in ModelTensors.All(description, prefix).OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            WeightInfo info = file.Find(fileName);
            AppendLine(hash, $"{name} {info.ShapeText}");
            if (buffer.Length < info.Count)
            {
                buffer = new float[info.Count];
            }

            Span<float> values = buffer.AsSpan(0, (int)info.Count);
            file.Read(fileName, values);
            AppendValues(hash, values);
        }

        return Scheme + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendLine(IncrementalHash hash, string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));

    private static void AppendValues(IncrementalHash hash, Span<float> values)
    {
        if (BitConverter.IsLittleEndian)
        {
            while (!values.IsEmpty)
            {
                Span<float> piece = values[..Math.Min(values.Length, WeightConversion.ChunkBytes)];
                hash.AppendData(MemoryMarshal.AsBytes(piece));
                values = values[piece.Length..];
            }

            return;
        }

        var stored = new byte[WeightConversion.ChunkBytes];
        while (!values.IsEmpty)
        {
            Span<float> piece = values[..Math.Min(values.Length, stored.Length / sizeof(float))];
            WeightConversion.FromSingle(WeightType.Float32, piece, stored.AsSpan(0, piece.Length * sizeof(float)));
            hash.AppendData(stored.AsSpan(0, piece.Length * sizeof(float)));
            values = values[piece.Length..];
        }
    }
}
