using Clss.Cli.Output;
using Clss.Index;

namespace Clss.Cli;

/// <summary>Finds databases by path or by name.</summary>
internal static class DatabasePath
{
    /// <summary>The folder in which names are looked up, or null where <c>CLSS_DATA_DIR</c> is not set.</summary>
    public static string? DataFolder =>
        Environment.GetEnvironmentVariable("CLSS_DATA_DIR") is { Length: > 0 } folder ? folder : null;

    /// <summary>Whether a folder is a database.</summary>
    public static bool IsDatabase(string path) => VectorCollection.Exists(path);

    /// <summary>The folder of the database that an input names, by path or in the data folder, or null where it names something else.</summary>
    public static string? TryFind(string name)
    {
        if (IsDatabase(name))
        {
            return name;
        }

        return name != "-" && !Path.Exists(name) && DataFolder is string data && IsDatabase(Path.Combine(data, name)) ? Path.Combine(data, name) : null;
    }

    /// <summary>The folder of an existing database.</summary>
    /// <exception cref="UsageException">There is none of that name; the message says what is there.</exception>
    public static string Find(string name)
    {
        if (IsDatabase(name))
        {
            return name;
        }

        if (DataFolder is string data && IsDatabase(Path.Combine(data, name)))
        {
            return Path.Combine(data, name);
        }

        throw new UsageException(Explain(name));
    }

    private static string Explain(string name)
    {
        if (File.Exists(name))
        {
            return $"{name} is a file, not a database. To make one of it: clss createdb {name} {Path.GetFileName(name).Split('.')[0]}";
        }

        if (ResultDatabase.IsAt(name))
        {
            return $"{name} is a result database, not a database of vectors. To read it: clss convertalis {name} OUT.tsv";
        }

        if (Directory.Exists(name))
        {
            return $"{name} is a folder without a database. To make one of the sequences in it: clss createdb {name} NAME";
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(name)) ?? ".";
        IEnumerable<string> near = Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Where(IsDatabase) : [];
        IEnumerable<string> named = DataFolder is string data && Directory.Exists(data) ? Directory.EnumerateDirectories(data).Where(IsDatabase) : [];
        string? suggestion = Suggestion.Nearest(Path.GetFileName(name), near.Concat(named).Select(path => Path.GetFileName(path)!));
        return $"there is no database {name}.{(suggestion is null ? "" : $" Did you mean '{suggestion}'?")} 'clss db list' shows those that are here.";
    }
}
