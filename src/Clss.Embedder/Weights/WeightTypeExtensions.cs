namespace Clss.Embedder.Weights;

/// <summary>Sizes and the names that safetensors gives to element types.</summary>
internal static class WeightTypeExtensions
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this WeightType type) => type switch
    {
        WeightType.Float64 or WeightType.Int64 or WeightType.UInt64 => 8,
        WeightType.Float32 or WeightType.Int32 or WeightType.UInt32 => 4,
        WeightType.Float16 or WeightType.BFloat16 or WeightType.Int16 or WeightType.UInt16 => 2,
        WeightType.Int8 or WeightType.UInt8 or WeightType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>Whether the type holds real numbers, which <see cref="WeightFile.Read"/> can give as single precision.</summary>
    public static bool IsFloat(this WeightType type) =>
        type is WeightType.Float64 or WeightType.Float32 or WeightType.Float16 or WeightType.BFloat16;

    /// <summary>The name in a safetensors header.</summary>
    public static string SafetensorsName(this WeightType type) => type switch
    {
        WeightType.Float64 => "F64",
        WeightType.Float32 => "F32",
        WeightType.Float16 => "F16",
        WeightType.BFloat16 => "BF16",
        WeightType.Int64 => "I64",
        WeightType.Int32 => "I32",
        WeightType.Int16 => "I16",
        WeightType.Int8 => "I8",
        WeightType.UInt64 => "U64",
        WeightType.UInt32 => "U32",
        WeightType.UInt16 => "U16",
        WeightType.UInt8 => "U8",
        WeightType.Bool => "BOOL",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    /// <summary>The type of a safetensors name, or null for a name that is not known here.</summary>
    public static WeightType? FromSafetensorsName(string? name)
    {
        foreach (WeightType type in Enum.GetValues<WeightType>())
        {
            if (type.SafetensorsName() == name)
            {
                return type;
            }
        }

        return null;
    }
}
