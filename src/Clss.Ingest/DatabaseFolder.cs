namespace Clss.Ingest;

/// <summary>The folder of a database while it is made: created beside its place and moved there, so that no half-made folder bears its name.</summary>
internal sealed class DatabaseFolder
{
    private const string CreatingSuffix = ".creating";
    private const string ReplacementSuffix = ".replacement";
    private const string ReplacedSuffix = ".replaced";

    private DatabaseFolder(string target, string working)
    {
        Target = target;
        Working = working;
    }

    /// <summary>The folder the user named.</summary>
    public string Target { get; }

    /// <summary>The folder that is written: <see cref="Target"/>, or its replacement until that is complete.</summary>
    public string Working { get; }

    /// <summary>Where the progress is kept.</summary>
    public string StatePath => Path.Combine(Working, IngestState.FileName);

    /// <summary>Decides where to write.</summary>
    /// <exception cref="ClssIngestException">The target is something that must not be replaced.</exception>
    public static DatabaseFolder At(string directory, bool overwrite)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        string target = Path.TrimEndingDirectorySeparator(directory);
        string replacement = target + ReplacementSuffix;
        if (File.Exists(target))
        {
            throw new ClssIngestException($"{target} is a file. Give the name of a folder for the database.");
        }

        if (Directory.Exists(target) && !IsEmpty(target) && !File.Exists(Path.Combine(target, "MANIFEST")))
        {
            throw new ClssIngestException($"{target} is a folder with other files in it, not a database. Give another name.");
        }

        if (!Directory.Exists(target) && IngestState.Load(Path.Combine(replacement, IngestState.FileName)) is { Complete: true })
        {
            // A crash came between the two moves that put a replacement in its place.
            Directory.Move(replacement, target);
            DeleteIfThere(target + ReplacedSuffix);
        }

        bool occupied = Directory.Exists(target) && !IsEmpty(target);
        return new DatabaseFolder(target, overwrite && occupied ? replacement : target);
    }

    /// <summary>Whether the working folder holds a collection.</summary>
    public bool Exists => Directory.Exists(Working) && !IsEmpty(Working);

    /// <summary>Removes the working folder.</summary>
    public void Delete() => DeleteIfThere(Working);

    /// <summary>Fills a new folder and moves it to its place.</summary>
    public void Create(Action<string> fill)
    {
        string creating = Working + CreatingSuffix;
        DeleteIfThere(creating);
        DeleteIfThere(Working);
        if (Path.GetDirectoryName(Path.GetFullPath(Working)) is { } parent)
        {
            Directory.CreateDirectory(parent);
        }

        try
        {
            fill(creating);
            Directory.Move(creating, Working);
        }
        catch
        {
            DeleteIfThere(creating);
            throw;
        }
    }

    /// <summary>Puts a complete replacement in the place of the old database.</summary>
    public void Finish()
    {
        if (Working == Target)
        {
            return;
        }

        string replaced = Target + ReplacedSuffix;
        DeleteIfThere(replaced);
        Directory.Move(Target, replaced);
        Directory.Move(Working, Target);
        DeleteIfThere(replaced);
    }

    private static bool IsEmpty(string folder) => !Directory.EnumerateFileSystemEntries(folder).Any();

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
