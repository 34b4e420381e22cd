namespace Clss.Embedder.Hub;

/// <summary>SHA-256 values as text.</summary>
internal static class Sha256Text
{
    private const int Digits = 64;

    public static bool IsValid(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigit);

    /// <summary>The value in lower case, or null for null; refuses anything but 64 hexadecimal digits.</summary>
    public static string? Parse(string? text)
    {
        if (text is null)
        {
            return null;
        }

        text = text.Trim();
        return IsValid(text)
            ? text.ToLowerInvariant()
            : throw new HubException(
                HubFailure.HashMismatch, $"'{text}' is not a SHA-256: expected {Digits} hexadecimal digits, found {text.Length} characters.");
    }
}
