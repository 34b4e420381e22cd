using System.Diagnostics.CodeAnalysis;

namespace Clss.Embedder.Weights;

/// <summary>The element type of a stored tensor.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The types themselves are meant.")]
public enum WeightType
{
    /// <summary>IEEE 754 double precision.</summary>
    Float64,

    /// <summary>IEEE 754 single precision.</summary>
    Float32,

    /// <summary>IEEE 754 half precision.</summary>
    Float16,

    /// <summary>The upper half of a single-precision number.</summary>
    BFloat16,

    /// <summary>Signed 64-bit integer.</summary>
    Int64,

    /// <summary>Signed 32-bit integer.</summary>
    Int32,

    /// <summary>Signed 16-bit integer.</summary>
    Int16,

    /// <summary>Signed 8-bit integer.</summary>
    Int8,

    /// <summary>Unsigned 64-bit integer.</summary>
    UInt64,

    /// <summary>Unsigned 32-bit integer.</summary>
    UInt32,

    /// <summary>Unsigned 16-bit integer.</summary>
    UInt16,

    /// <summary>Unsigned 8-bit integer.</summary>
    UInt8,

    /// <summary>One byte, zero or one.</summary>
    Bool,
}
