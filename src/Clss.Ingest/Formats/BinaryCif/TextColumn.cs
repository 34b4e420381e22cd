using System.Text;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>An unpacked column of text: the distinct strings and one index a row.</summary>
internal readonly struct TextColumn
{
    /// <summary>The index of a missing value.</summary>
    public const int Missing = -1;

    private readonly byte[][] _strings;
    private readonly int[] _indices;
    private readonly string?[] _texts;

    public TextColumn(byte[][] strings, int[] indices)
    {
        _strings = strings;
        _indices = indices;
        _texts = new string?[strings.Length];
    }

    /// <summary>Whether the column is in the file.</summary>
    public bool IsPresent => _indices is not null;

    /// <summary>The text of a row; empty when it is missing, or the column is.</summary>
    public ReadOnlySpan<byte> this[int row] => _indices is null || _indices[row] < 0 ? [] : _strings[_indices[row]];

    /// <summary>The text of a row as a string, one for all rows of the same; null when it is missing.</summary>
    public string? TextOf(int row) => this[row].IsEmpty ? null : _texts[_indices[row]] ??= Encoding.UTF8.GetString(this[row]);
}
