namespace Clss.Embedder.Weights;

/// <summary>A file of weights, or a model's description, that cannot be read: damaged, hostile, or of a kind not known here.</summary>
public sealed class WeightFormatException : ClssEmbedderException
{
    /// <summary>Creates the exception with a message that names the file, the place, what was found and what to do.</summary>
    public WeightFormatException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message and its cause.</summary>
    public WeightFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
