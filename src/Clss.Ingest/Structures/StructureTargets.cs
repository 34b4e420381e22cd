using Clss.Ingest.Sources;

namespace Clss.Ingest.Structures;

/// <summary>Turns what a user names (files, <c>FILE:CHAIN/RANGE</c>, folders, <c>*</c> patterns, <c>@LIST</c>, <c>-</c>) into the files to read, in a fixed order.</summary>
internal static class StructureTargets
{
    private static readonly string[] ArchiveEndings = [".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.bz2", ".zip"];

    public static IReadOnlyList<StructureTarget> Find(IReadOnlyList<string> inputs)
    {
        var targets = new List<StructureTarget>();
        foreach (string input in inputs)
        {
            Add(targets, input, mayBeList: true);
        }

        return targets.Count > 0 ? targets : throw new ClssIngestException("No input is named. Give a structure, a folder or an archive of them, or '-' for standard input.");
    }

    public static bool HasArchiveEnding(string name) => ArchiveEndings.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static void Add(List<StructureTarget> targets, string input, bool mayBeList)
    {
        if (input.Length == 0)
        {
            throw new ClssIngestException("An input has an empty name. Give a structure, a folder or an archive of them, or '-' for standard input.");
        }

        if (input == "-")
        {
            targets.Add(targets.Exists(target => target.File.IsStandardInput)
                ? throw new ClssIngestException("Standard input ('-') is named twice; it can be read once.")
                : new StructureTarget(new InputFile("-", "stdin", -1, DateTime.MinValue), null));
        }
        else if (File.Exists(input))
        {
            targets.Add(new StructureTarget(Describe(input, Path.GetFileName(input)), null));
        }
        else if (Directory.Exists(input))
        {
            AddFolder(targets, input);
        }
        else if (mayBeList && input[0] == '@')
        {
            AddList(targets, input[1..]);
        }
        else if (TrySplit(input) is { } split)
        {
            targets.Add(new StructureTarget(Describe(split.Path, Path.GetFileName(split.Path)), StructureSelection.Parse(split.Selection)));
        }
        else if (input.AsSpan().ContainsAny('*', '?'))
        {
            AddPattern(targets, input);
        }
        else
        {
            throw new ClssIngestException($"{input}: no such file or folder.");
        }
    }

    /// <summary>Parts <c>file.cif:A/20-120</c> where the front is a file. A drive letter's colon is none of these.</summary>
    private static (string Path, string Selection)? TrySplit(string input)
    {
        for (int colon = input.IndexOf(':', StringComparison.Ordinal); colon >= 0; colon = input.IndexOf(':', colon + 1))
        {
            if (colon > 0 && File.Exists(input[..colon]))
            {
                return (input[..colon], input[(colon + 1)..]);
            }
        }

        return null;
    }

    private static void AddFolder(List<StructureTarget> targets, string folder)
    {
        string[] paths;
        try
        {
            paths = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClssIngestException($"{folder}: the folder cannot be listed: {exception.Message}", exception);
        }

        StructureTarget[] found =
        [
            .. paths.Where(path => StructureFileName.HasStructureEnding(path) || HasArchiveEnding(path) || (StructureFileName.HasNoEnding(path) && IsStructure(path)))
                .Select(path => new StructureTarget(Describe(path, Path.GetRelativePath(folder, path).Replace('\\', '/')), null))
                .OrderBy(target => target.File.Name, StringComparer.Ordinal),
        ];
        targets.AddRange(found.Length > 0
            ? found
            : throw new ClssIngestException($"{folder}: none of its {paths.Length:N0} files is named like a structure (.pdb .ent .cif .mmcif .bcif, also with .gz .zst .bz2; .tar .zip). Name the files themselves to read them anyway."));
    }

    // SCOPe, ECOD and Foldseek name domains without an ending.
    private static bool IsStructure(string path)
    {
        try
        {
            using FileStream file = InputStream.OpenFile(path);
            StructureDetector.Detect(ContentBuffer.Peek(file, path), path);
            return true;
        }
        catch (ClssIngestException)
        {
            return false;
        }
    }

    private static void AddPattern(List<StructureTarget> targets, string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } parent ? parent : ".";
        string[] matches = Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileName(pattern)) : [];
        targets.AddRange(matches.Length > 0
            ? matches.Order(StringComparer.Ordinal).Select(path => new StructureTarget(Describe(path, Path.GetFileName(path)), null))
            : throw new ClssIngestException($"{pattern}: no file has such a name."));
    }

    private static void AddList(List<StructureTarget> targets, string path)
    {
        using var reader = new StreamReader(InputStream.Open(path));
        while (reader.ReadLine() is { } line)
        {
            if (line.Trim() is { Length: > 0 } name && name[0] != '#')
            {
                Add(targets, name, mayBeList: false);
            }
        }
    }

    private static InputFile Describe(string path, string name)
    {
        var info = new FileInfo(path);
        return new InputFile(path, name, info.Length, info.LastWriteTimeUtc);
    }
}
