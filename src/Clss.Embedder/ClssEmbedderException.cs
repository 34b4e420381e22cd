namespace Clss.Embedder;

/// <summary>The base of every error that models, weights and downloads report.</summary>
public class ClssEmbedderException : Exception
{
    /// <summary>Creates the exception with a message that says what, where, why and what to do.</summary>
    public ClssEmbedderException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ClssEmbedderException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
