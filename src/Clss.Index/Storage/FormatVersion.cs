namespace Clss.Index.Storage;

/// <summary>The version of the collection format that this program writes; see docs/formats/collection-v1.md.</summary>
internal static class FormatVersion
{
    /// <summary>A file of another major version is refused.</summary>
    public const int Major = 1;

    /// <summary>A file of a higher minor version has sections that this program skips.</summary>
    public const int Minor = 1;
}
