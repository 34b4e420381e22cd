using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Clss.Embedder.Weights;

/// <summary>Little-endian stored elements to single precision and back.</summary>
internal static class WeightConversion
{
    /// <summary>Bytes converted at a time; a multiple of every element size.</summary>
    public const int ChunkBytes = 1 << 16;

    /// <summary>
    /// Converts stored elements to single precision. Half and bfloat16 convert exactly, double precision is rounded.
    /// The stored bytes may be changed in place.
    /// </summary>
    public static void ToSingle(WeightType type, Span<byte> stored, Span<float> destination)
    {
        if (!BitConverter.IsLittleEndian)
        {
            ReverseElements(stored, type.Size());
        }

        switch (type)
        {
            case WeightType.Float64:
                TensorPrimitives.ConvertTruncating<double, float>(MemoryMarshal.Cast<byte, double>(stored), destination);
                break;
            case WeightType.Float32:
                MemoryMarshal.Cast<byte, float>(stored).CopyTo(destination);
                break;
            case WeightType.Float16:
                TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<byte, Half>(stored), destination);
                break;
            case WeightType.BFloat16:
                Span<ushort> upper = MemoryMarshal.Cast<byte, ushort>(stored);
                for (int i = 0; i < upper.Length; i++)
                {
                    destination[i] = BitConverter.UInt32BitsToSingle((uint)upper[i] << 16);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Only real numbers convert to single precision.");
        }
    }

    /// <summary>Converts single precision to stored elements, rounding to nearest, ties to even.</summary>
    public static void FromSingle(WeightType type, ReadOnlySpan<float> values, Span<byte> stored)
    {
        switch (type)
        {
            case WeightType.Float64:
                TensorPrimitives.ConvertTruncating(values, MemoryMarshal.Cast<byte, double>(stored));
                break;
            case WeightType.Float32:
                values.CopyTo(MemoryMarshal.Cast<byte, float>(stored));
                break;
            case WeightType.Float16:
                TensorPrimitives.ConvertToHalf(values, MemoryMarshal.Cast<byte, Half>(stored));
                break;
            case WeightType.BFloat16:
                Span<ushort> upper = MemoryMarshal.Cast<byte, ushort>(stored);
                for (int i = 0; i < upper.Length; i++)
                {
                    upper[i] = ToBFloat16(values[i]);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "Weights are stored as real numbers.");
        }

        if (!BitConverter.IsLittleEndian)
        {
            ReverseElements(stored, type.Size());
        }
    }

    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
        {
            // Rounding could carry a NaN's payload into the sign; a quiet NaN keeps its upper half.
            return (ushort)((bits >> 16) | 0x0040);
        }

        uint roundToEven = 0x7FFF + ((bits >> 16) & 1);
        return (ushort)((bits + roundToEven) >> 16);
    }

    private static void ReverseElements(Span<byte> stored, int size)
    {
        switch (size)
        {
            case 2:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(stored);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                Span<uint> words = MemoryMarshal.Cast<byte, uint>(stored);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 8:
                Span<ulong> longs = MemoryMarshal.Cast<byte, ulong>(stored);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
            default:
                break;
        }
    }
}
