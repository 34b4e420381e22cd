namespace Clss.Index;

/// <summary>What a <see cref="MetadataValue"/> is.</summary>
public enum MetadataKind
{
    /// <summary>No value.</summary>
    Missing = 0,

    /// <summary>Unicode text.</summary>
    Text = 1,

    /// <summary>A 64-bit signed integer.</summary>
    Integer = 2,

    /// <summary>A 64-bit floating-point number.</summary>
    Real = 3,

    /// <summary>True or false.</summary>
    Flag = 4,

    /// <summary>A list of texts.</summary>
    TextList = 5,
}
