using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Clss.Embedder.Weights;

/// <summary>
/// Tells whether two structure sides give the same pooled embeddings: a SHA-256 over the dimensions and the single-precision values of the tensors in use,
/// the trunk's in the order of their names, then the encoder's. The structure adapter is part of a model's own fingerprint.
/// </summary>
internal static class StructureFingerprint
{
    private const string Version = "clss-structure-fingerprint 1";

    /// <summary>Tensors of the files that nothing is computed from.</summary>
    private static readonly string[] Unused = ["output_heads.", "encoder.residue_embed.", "codebook.N", "codebook.z_avg", "transformer.norm."];

    public static string Compute(StructureSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Esm3Config tower = source.Tower;
        StructureEncoderConfig encoder = source.Encoder;
        AppendLine(hash, Version);
        AppendLine(hash, string.Create(
            CultureInfo.InvariantCulture, $"esm3 width={tower.Width} heads={tower.Heads} vector_heads={tower.VectorHeads} layers={tower.Layers}"));
        AppendTensors(hash, source.TowerWeights);
        AppendLine(hash, string.Create(
            CultureInfo.InvariantCulture,
            $"structure_encoder width={encoder.Width} vector_heads={encoder.VectorHeads} layers={encoder.Layers} out={encoder.OutputWidth} codes={encoder.Codes} neighbors={encoder.Neighbors}"));
        AppendTensors(hash, source.EncoderWeights);
        return ModelFingerprint.Scheme + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void AppendTensors(IncrementalHash hash, WeightFile file)
    {
        float[] buffer = [];
        foreach (WeightInfo info in file.Tensors.Values.Where(IsUsed).OrderBy(info => info.Name, StringComparer.Ordinal))
        {
            AppendLine(hash, $"{info.Name} {info.ShapeText}");
            if (info.Count > Array.MaxLength / sizeof(float))
            {
                throw new WeightFormatException($"{file.Source}: tensor '{info.Name}' {info.ShapeText} is larger than any of a structure tower.");
            }

            if (buffer.Length < info.Count)
            {
                buffer = new float[info.Count];
            }

            Span<float> values = buffer.AsSpan(0, (int)info.Count);
            file.Read(info.Name, values);
            if (!BitConverter.IsLittleEndian)
            {
                foreach (ref uint word in MemoryMarshal.Cast<float, uint>(values))
                {
                    word = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
                }
            }

            hash.AppendData(MemoryMarshal.AsBytes(values));
        }
    }

    private static bool IsUsed(WeightInfo info) => info.Type.IsFloat() && !Unused.Any(prefix => info.Name.StartsWith(prefix, StringComparison.Ordinal));

    private static void AppendLine(IncrementalHash hash, string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
}
