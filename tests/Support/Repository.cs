namespace Clss.Testing;

/// <summary>Where the repository and the optional reference data are.</summary>
internal static class Repository
{
    /// <summary>The folder that holds <c>Clss.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The reference data beside the repository (<c>../shared</c>, or <c>CLSS_SHARED</c>), or null where it is absent.</summary>
    public static string? Shared { get; } = FindShared();

    /// <summary>
    /// The path of a file or folder of the reference data. Skips the running test, with the reason, where the data is absent.
    /// </summary>
    public static string SharedPath(params string[] parts)
    {
        string? shared = Shared;
        Assert.SkipWhen(shared is null, "The reference data (../shared, or the folder named by CLSS_SHARED) is not here.");
        string path = Path.Combine([shared, .. parts]);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"The reference data has no {string.Join('/', parts)}.");
        return path;
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Clss.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Clss.sln above {AppContext.BaseDirectory}.");
    }

    private static string? FindShared()
    {
        string path = Environment.GetEnvironmentVariable("CLSS_SHARED") ?? Path.Combine(Root, "..", "shared");
        return Directory.Exists(path) ? Path.GetFullPath(path) : null;
    }
}
