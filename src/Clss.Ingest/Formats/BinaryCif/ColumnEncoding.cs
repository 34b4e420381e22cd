namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>One step of how a column was packed, with the parameters that undoing it needs.</summary>
internal sealed class ColumnEncoding
{
    public string Kind { get; set; } = "";

    /// <summary>ByteArray: the type code of the numbers.</summary>
    public int Type { get; set; }

    /// <summary>FixedPoint: what the numbers were multiplied by.</summary>
    public double Factor { get; set; } = 1;

    /// <summary>IntervalQuantization: the least value.</summary>
    public double Min { get; set; }

    /// <summary>IntervalQuantization: the greatest value.</summary>
    public double Max { get; set; }

    /// <summary>IntervalQuantization: the number of steps.</summary>
    public int Steps { get; set; }

    /// <summary>RunLength and IntegerPacking: the number of values unpacked.</summary>
    public int SourceSize { get; set; }

    /// <summary>Delta: the first value.</summary>
    public int Origin { get; set; }

    /// <summary>IntegerPacking: bytes of each packed number.</summary>
    public int ByteCount { get; set; }

    /// <summary>IntegerPacking: whether the packed numbers have no sign.</summary>
    public bool IsUnsigned { get; set; }

    /// <summary>StringArray: the distinct strings end to end; the offset in the file and the length.</summary>
    public (int Start, int Length) StringData { get; set; }

    /// <summary>StringArray: where the offsets of the strings lie in the file.</summary>
    public (int Start, int Length) Offsets { get; set; }

    /// <summary>StringArray: how the offsets are packed.</summary>
    public ColumnEncoding[] OffsetEncoding { get; set; } = [];

    /// <summary>StringArray: how the indices are packed.</summary>
    public ColumnEncoding[] DataEncoding { get; set; } = [];
}
