namespace Clss.Query;

/// <summary>A word, text, number or sign of a filter expression, with its place for messages.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The characters, without quotes.</param>
/// <param name="Position">0-based offset in the expression.</param>
internal readonly record struct WhereToken(WhereTokenKind Kind, string Text, int Position);

/// <summary>The kinds of token of a filter expression.</summary>
internal enum WhereTokenKind
{
    /// <summary>A column name or keyword.</summary>
    Word,

    /// <summary>A quoted text.</summary>
    Text,

    /// <summary>An integer or real number.</summary>
    Number,

    /// <summary>An operator, comma or parenthesis.</summary>
    Sign,

    /// <summary>The end of the expression.</summary>
    End,
}
