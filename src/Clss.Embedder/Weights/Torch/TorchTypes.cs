namespace Clss.Embedder.Weights.Torch;

/// <summary>The element types behind torch's storage classes and dtypes.</summary>
internal static class TorchTypes
{
    /// <summary>The element type, null where it is not read here, and the bytes of one element; null for an unknown class.</summary>
    public static (WeightType? Type, int Bytes)? OfStorage(string storageClass) => storageClass switch
    {
        "DoubleStorage" => (WeightType.Float64, 8),
        "FloatStorage" => (WeightType.Float32, 4),
        "HalfStorage" => (WeightType.Float16, 2),
        "BFloat16Storage" => (WeightType.BFloat16, 2),
        "LongStorage" => (WeightType.Int64, 8),
        "IntStorage" => (WeightType.Int32, 4),
        "ShortStorage" => (WeightType.Int16, 2),
        "CharStorage" => (WeightType.Int8, 1),
        "ByteStorage" => (WeightType.UInt8, 1),
        "BoolStorage" => (WeightType.Bool, 1),
        "ComplexFloatStorage" => (null, 8),
        "ComplexDoubleStorage" => (null, 16),
        "QInt8Storage" or "QUInt8Storage" or "QUInt4x2Storage" or "QUInt2x4Storage" => (null, 1),
        "QInt32Storage" => (null, 4),

        // Counted in bytes; the tensor names its own dtype.
        "UntypedStorage" => (null, 1),
        _ => null,
    };

    /// <summary>The element type of a dtype such as <c>torch.float32</c>, or null where it is not read here.</summary>
    public static WeightType? OfDtype(string dtype) => dtype switch
    {
        "float64" or "double" => WeightType.Float64,
        "float32" or "float" => WeightType.Float32,
        "float16" or "half" => WeightType.Float16,
        "bfloat16" => WeightType.BFloat16,
        "int64" or "long" => WeightType.Int64,
        "int32" or "int" => WeightType.Int32,
        "int16" or "short" => WeightType.Int16,
        "int8" => WeightType.Int8,
        "uint64" => WeightType.UInt64,
        "uint32" => WeightType.UInt32,
        "uint16" => WeightType.UInt16,
        "uint8" => WeightType.UInt8,
        "bool" => WeightType.Bool,
        _ => null,
    };
}
