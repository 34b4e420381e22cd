namespace Clss.Ingest.Structures;

/// <summary>A file is no structure, or is too damaged to be one.</summary>
public class StructureFormatException : ClssIngestException
{
    /// <summary>Creates the exception with a message that says what, where, why and what to do.</summary>
    public StructureFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public StructureFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
