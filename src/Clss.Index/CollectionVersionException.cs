namespace Clss.Index;

/// <summary>A collection was written in a format version that this program does not read.</summary>
public sealed class CollectionVersionException : ClssIndexException
{
    /// <summary>Creates the exception, naming both versions.</summary>
    public CollectionVersionException(string file, int foundMajor, int foundMinor, int supportedMajor)
        : base($"{file}: the collection has format version {foundMajor}.{foundMinor}; this program reads version {supportedMajor}. " +
               "Open it with a version of clss that reads that format, or build the collection again with 'clss createdb'.")
    {
    }
}
