namespace Clss.Ingest.Sources;

/// <summary>One file that will be read, or standard input.</summary>
/// <param name="Path">The path as given or found; <c>-</c> for standard input.</param>
/// <param name="Name">The short name kept with every record: the file name, or the path inside the given folder, with <c>/</c>.</param>
/// <param name="Length">Bytes on disk; -1 for standard input.</param>
/// <param name="LastWriteUtc">When the file was last written; the minimum for standard input.</param>
public sealed record InputFile(string Path, string Name, long Length, DateTime LastWriteUtc)
{
    /// <summary>Whether this is standard input.</summary>
    public bool IsStandardInput => Path == "-";
}
