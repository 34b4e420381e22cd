namespace Clss.Embedder.Models.Esm2;

/// <summary>
/// Text to ESM-2's tokens, as Hugging Face's EsmTokenizer does it (transformers, models/esm/tokenization_esm.py):
/// vocabulary entries are cut out left to right, and what lies between them is, per piece without white space, one unknown token.
/// </summary>
public static class EsmTokenizer
{
    /// <summary>Begin of every sequence.</summary>
    public const int Begin = 0;

    /// <summary>End of every sequence.</summary>
    public const int End = 2;

    /// <summary>A piece of text that is not in the vocabulary.</summary>
    public const int Unknown = 3;

    /// <summary>A hidden residue.</summary>
    public const int Mask = 32;

    private const int FirstLetter = 4;

    /// <summary>The one-character tokens, from <see cref="FirstLetter"/> on. J is not among them.</summary>
    private const string Letters = "LAGVSERTIDPKQNFYMHWCXBUZO.-";

    /// <summary>Number of tokens.</summary>
    public static int VocabularySize => Mask + 1;

    /// <summary>The tokens of a sequence, with begin and end. Nothing is cut off.</summary>
    public static int[] Tokenize(string residues)
    {
        List<int> tokens = new(residues.Length + 2);
        Tokenize(residues, tokens);
        return [.. tokens];
    }

    /// <summary>Appends the tokens of a sequence, with begin and end, to <paramref name="tokens"/>.</summary>
    /// <returns>The number of tokens appended.</returns>
    public static int Tokenize(ReadOnlySpan<char> residues, List<int> tokens)
    {
        int before = tokens.Count;
        tokens.Add(Begin);
        bool insideUnknown = false;
        for (int i = 0; i < residues.Length;)
        {
            int token = Match(residues[i..], out int length);
            i += length;
            if (token >= 0)
            {
                tokens.Add(token);
                insideUnknown = false;
            }
            else if (IsWhiteSpace(residues[i - 1]))
            {
                insideUnknown = false;
            }
            else if (!insideUnknown)
            {
                tokens.Add(Unknown);
                insideUnknown = true;
            }
        }

        tokens.Add(End);
        return tokens.Count - before;
    }

    /// <summary>The text of a token.</summary>
    public static string TextOf(int token) =>
        token is >= FirstLetter and < FirstLetter + 27 ? Letters[token - FirstLetter].ToString()
        : SpecialText(token) ?? throw new ArgumentOutOfRangeException(nameof(token), token, $"ESM-2 has the tokens 0 to {Mask}.");

    /// <summary>The token that the text begins with, or -1, and the number of characters to go on by.</summary>
    private static int Match(ReadOnlySpan<char> text, out int length)
    {
        length = 1;
        if (text[0] != '<')
        {
            int letter = Letters.IndexOf(text[0]);
            return letter < 0 ? -1 : FirstLetter + letter;
        }

        foreach (int token in (ReadOnlySpan<int>)[Begin, 1, End, Unknown, 31, Mask])
        {
            string special = SpecialText(token)!;
            if (text.StartsWith(special, StringComparison.Ordinal))
            {
                length = special.Length;
                return token;
            }
        }

        return -1;
    }

    private static string? SpecialText(int token) => token switch
    {
        Begin => "<cls>",
        1 => "<pad>",
        End => "<eos>",
        Unknown => "<unk>",
        31 => "<null_1>",
        Mask => "<mask>",
        _ => null,
    };

    /// <summary>White space as Python's str.split() sees it, which counts four separators more than .NET.</summary>
    private static bool IsWhiteSpace(char value) => char.IsWhiteSpace(value) || value is >= '\u001c' and <= '\u001f';
}
