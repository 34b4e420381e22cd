namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>An unpacked column of text: the distinct strings and one index a row.</summary>
internal readonly struct TextColumn
{
    /// <summary>The index of a missing value.</summary>
    public const int Missing = -1;

    private readonly byte[][] _strings;
    private readonly int[] _indices;

    public TextColumn(byte[][] strings, int[] indices)
    {
        _strings = strings;
        _indices = indices;
    }

    /// <summary>Whether the column is in the file.</summary>
    public bool IsPresent => _indices is not null;

    /// <summary>The text of a row; empty when it is missing, or the column is.</summary>
    public ReadOnlySpan<byte> this[int row] => _indices is null || _indices[row] < 0 ? [] : _strings[_indices[row]];
}
