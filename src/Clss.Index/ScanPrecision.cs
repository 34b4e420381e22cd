namespace Clss.Index;

/// <summary>What an exact search reads. Both give the same neighbours with the same similarities.</summary>
public enum ScanPrecision
{
    /// <summary>The stored float32 vectors.</summary>
    Float32,

    /// <summary>8-bit codes, a quarter of the bytes; every row that the codes cannot rule out is scored in full.</summary>
    Int8,
}
