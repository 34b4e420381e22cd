namespace Clss.Index;

/// <summary>Vectors of one model met a collection of another. Similarities between models mean nothing.</summary>
public sealed class ModelMismatchException : ClssIndexException
{
    /// <summary>Creates the exception, naming both models.</summary>
    public ModelMismatchException(string directory, string stored, string storedName, string given, string givenName = "")
        : base($"{directory}: the collection holds vectors of model {Describe(stored, storedName)}, not of model {Describe(given, givenName)}. " +
               "Use the collection's own model, or build a collection with the other one.")
    {
        Stored = stored;
        Given = given;
    }

    /// <summary>The fingerprint that the collection remembers.</summary>
    public string Stored { get; }

    /// <summary>The fingerprint that was asked for.</summary>
    public string Given { get; }

    private static string Describe(string fingerprint, string name)
    {
        string shown = fingerprint.Length == 0 ? "(none stated)" : fingerprint;
        return name.Length == 0 ? shown : $"{name} ({shown})";
    }
}
