using Clss.Index.Storage;

namespace Clss.Index.Metadata;

/// <summary>Texts end to end with the offset of each and of the end: text i is the bytes [offset i, offset i+1).</summary>
internal sealed class TextArray
{
    private readonly Section _offsets;
    private readonly Section _text;

    public TextArray(Section offsets, Section text)
    {
        if (offsets.Header.Count < 1)
        {
            throw offsets.Corrupt("Expected at least one offset.");
        }

        offsets.RequireUnsigned(offsets.Header.Count);
        text.Require(ElementType.Bytes, text.Length, text.Length);
        _offsets = offsets;
        _text = text;
    }

    public long Count => _offsets.Header.Count - 1;

    public ReadOnlySpan<byte> Utf8(long index) => _text.Bytes(_offsets.Unsigned(index), _offsets.Unsigned(index + 1));

    public string Text(long index) => _text.Decode(Utf8(index));

    /// <summary>For each text, whether it passes.</summary>
    public bool[] Accepted(ValueTest test)
    {
        var accepted = new bool[Count];
        for (int i = 0; i < accepted.Length; i++)
        {
            accepted[i] = test.Accepts(Utf8(i));
        }

        return accepted;
    }

    /// <summary>The outcome for a text; throws for one that does not exist.</summary>
    public bool Lookup(bool[] accepted, long index) =>
        (ulong)index < (ulong)accepted.Length ? accepted[index] : throw _offsets.Corrupt($"Number {index} lies outside the {Count} texts.");
}
