namespace Clss.ScaleBenchmark.FourBit;

/// <summary>Which codes a run searches.</summary>
internal enum CodeChoice
{
    /// <summary>The 8-bit codes of the index.</summary>
    Int8,

    /// <summary>4-bit codes of residuals alone.</summary>
    FourBit,

    /// <summary>Both, by turns.</summary>
    Both,
}
