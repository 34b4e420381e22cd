namespace Clss.Ingest;

/// <summary>The base of every error that readers of protein files and the ingest pipeline report.</summary>
public class ClssIngestException : Exception
{
    /// <summary>Creates the exception with a message that says what, where, why and what to do.</summary>
    public ClssIngestException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public ClssIngestException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
