namespace Clss.Index;

/// <summary>The base of every error that a collection reports: damaged files, wrong dimensions, another model's vectors.</summary>
public class ClssIndexException : Exception
{
    /// <summary>Creates the exception with a message that says what, where, why and what to do.</summary>
    public ClssIndexException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ClssIndexException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
