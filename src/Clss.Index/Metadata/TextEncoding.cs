using System.Text;

namespace Clss.Index.Metadata;

/// <summary>Text as it is stored: UTF-8 without replacement characters.</summary>
internal static class TextEncoding
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The UTF-8 of a text. Throws <see cref="ClssIndexException"/> for text that Unicode cannot encode, a lone half of a surrogate pair.</summary>
    public static byte[] Encode(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw NotUnicode(text);
        }
    }

    /// <summary>Encodes into the buffer where it fits, else into a new array.</summary>
    public static ReadOnlySpan<byte> Encode(string text, Span<byte> buffer)
    {
        if (text.Length * 3L > buffer.Length)
        {
            return Encode(text);
        }

        try
        {
            return buffer[..Strict.GetBytes(text, buffer)];
        }
        catch (EncoderFallbackException)
        {
            throw NotUnicode(text);
        }
    }

    /// <summary>The number of bytes of a text; throws as <see cref="Encode(string)"/> does.</summary>
    public static int Length(string text)
    {
        try
        {
            return Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            throw NotUnicode(text);
        }
    }

    private static ClssIndexException NotUnicode(string text)
    {
        string shown = string.Concat(text.Select(c => char.IsSurrogate(c) ? '?' : c).Take(40));
        return new ClssIndexException($"The text \"{shown}\" is not valid Unicode: it holds half of a surrogate pair. Remove that character.");
    }
}
