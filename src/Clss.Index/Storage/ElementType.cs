namespace Clss.Index.Storage;

/// <summary>What the payload of a section is an array of. The numbers are part of the format.</summary>
internal enum ElementType
{
    Bytes = 0,
    UInt8 = 1,
    UInt16 = 2,
    UInt32 = 3,
    UInt64 = 4,
    Int8 = 5,
    Int16 = 6,
    Int32 = 7,
    Int64 = 8,
    Float32 = 9,
    Float64 = 10,
    Bits = 11,
}
