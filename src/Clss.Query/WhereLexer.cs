namespace Clss.Query;

/// <summary>Splits a filter expression into tokens.</summary>
internal static class WhereLexer
{
    private static readonly string[] Signs = ["<=", ">=", "!=", "<>", "==", "=", "<", ">", "(", ")", ","];

    /// <summary>The tokens of <paramref name="expression"/>, the last one <see cref="WhereTokenKind.End"/>.</summary>
    /// <exception cref="ClssQueryException">A character belongs to no token, or a quote is not closed.</exception>
    public static List<WhereToken> Split(string expression)
    {
        var tokens = new List<WhereToken>();
        int position = 0;
        while (true)
        {
            while (position < expression.Length && char.IsWhiteSpace(expression[position]))
            {
                position++;
            }

            if (position == expression.Length)
            {
                tokens.Add(new WhereToken(WhereTokenKind.End, "", position));
                return tokens;
            }

            WhereToken token = Next(expression, ref position);
            tokens.Add(token);
        }
    }

    private static WhereToken Next(string expression, ref int position)
    {
        int start = position;
        char first = expression[start];
        if (first is '\'' or '"')
        {
            return Quoted(expression, ref position);
        }

        foreach (string sign in Signs)
        {
            if (string.CompareOrdinal(expression, start, sign, 0, sign.Length) == 0)
            {
                position += sign.Length;
                return new WhereToken(WhereTokenKind.Sign, sign, start);
            }
        }

        bool number = char.IsAsciiDigit(first) || ((first is '-' or '+' or '.') && start + 1 < expression.Length
            && (char.IsAsciiDigit(expression[start + 1]) || expression[start + 1] == '.'));
        if (!number && !char.IsLetter(first) && first != '_')
        {
            throw new ClssQueryException(
                $"Filter '{expression}': the character '{first}' at position {start + 1} has no meaning there. Texts are quoted: ecod_x = '2003'.");
        }

        position++;
        while (position < expression.Length && (number ? IsPartOfNumber(expression, position) : IsPartOfWord(expression[position])))
        {
            position++;
        }

        return new WhereToken(number ? WhereTokenKind.Number : WhereTokenKind.Word, expression[start..position], start);
    }

    private static bool IsPartOfWord(char c) => char.IsLetterOrDigit(c) || c is '_' or '.';

    private static bool IsPartOfNumber(string expression, int position) =>
        char.IsLetterOrDigit(expression[position]) || expression[position] == '.'
        || ((expression[position] is '-' or '+') && (expression[position - 1] is 'e' or 'E'));

    // A quote inside a text is doubled, as in SQL.
    private static WhereToken Quoted(string expression, ref int position)
    {
        int start = position;
        char quote = expression[position++];
        var text = new System.Text.StringBuilder();
        while (position < expression.Length)
        {
            char c = expression[position++];
            if (c != quote)
            {
                text.Append(c);
            }
            else if (position < expression.Length && expression[position] == quote)
            {
                text.Append(quote);
                position++;
            }
            else
            {
                return new WhereToken(WhereTokenKind.Text, text.ToString(), start);
            }
        }

        throw new ClssQueryException($"Filter '{expression}': the quote at position {start + 1} is not closed.");
    }
}
