namespace Clss.Index;

/// <summary>A file of a collection is damaged, truncated or missing.</summary>
public sealed class CorruptCollectionException : ClssIndexException
{
    /// <summary>Creates the exception for a place in a file.</summary>
    public CorruptCollectionException(string file, string section, string problem)
        : base($"{file}: {section}: {problem} The collection is damaged; 'clss db verify' lists every damaged section. Restore it from a copy or build it again.")
    {
        File = file;
        Section = section;
        Problem = problem;
    }

    /// <summary>The damaged file.</summary>
    public string File { get; }

    /// <summary>The section, record or field in it.</summary>
    public string Section { get; }

    /// <summary>What was expected and what was found.</summary>
    public string Problem { get; }
}
