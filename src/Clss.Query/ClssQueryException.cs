namespace Clss.Query;

/// <summary>The base of every error in asking a question: an unknown column, a malformed filter, a database of another model.</summary>
public class ClssQueryException : Exception
{
    /// <summary>Creates the exception with a message that says what, where, why and what to do.</summary>
    public ClssQueryException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ClssQueryException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
