using Clss.Index;

namespace Clss.Ingest.Sources;

/// <summary>Turns what a user names (files, folders, <c>*</c> patterns, <c>-</c>) into the list of files to read, in a fixed order.</summary>
internal static class InputFiles
{
    private static readonly string[] Extensions = [".fasta", ".fa", ".faa", ".fas", ".fsa", ".aa", ".pep", ".mpfa", ".fasta.txt"];
    private static readonly string[] Compressions = ["", ".gz", ".zst", ".zstd", ".bz2"];

    public static IReadOnlyList<InputFile> Find(IReadOnlyList<string> inputs)
    {
        var files = new List<InputFile>();
        foreach (string input in inputs)
        {
            if (input.Length == 0)
            {
                throw new ClssIngestException("An input has an empty name. Give a FASTA file, a folder of them, or '-' for standard input.");
            }

            if (input == "-")
            {
                if (files.Any(file => file.IsStandardInput))
                {
                    throw new ClssIngestException("Standard input ('-') is named twice; it can be read once.");
                }

                files.Add(new InputFile("-", "stdin", -1, DateTime.MinValue));
            }
            else if (Directory.Exists(input))
            {
                AddFolder(files, input);
            }
            else if (!File.Exists(input) && input.AsSpan().ContainsAny('*', '?'))
            {
                AddPattern(files, input);
            }
            else
            {
                files.Add(Describe(input, Path.GetFileName(input)));
            }
        }

        return files.Count > 0 ? files : throw new ClssIngestException("No input is named. Give a FASTA file, a folder of them, or '-' for standard input.");
    }

    private static void AddFolder(List<InputFile> files, string folder)
    {
        if (IsDatabase(folder))
        {
            throw new ClssIngestException($"{folder} is a database, not sequences. Name it as the database to search or to add to, or give the FASTA it was made from.");
        }

        string[] paths;
        try
        {
            paths = Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClssIngestException($"{folder}: the folder cannot be listed: {exception.Message}", exception);
        }

        string[] fasta = [.. paths.Where(HasFastaExtension)];
        if (fasta.Length == 0)
        {
            throw new ClssIngestException(
                $"{folder}: none of its {paths.Length:N0} files is named like FASTA ({string.Join(' ', Extensions)}, also with {string.Join(' ', Compressions[1..])}). Name the files themselves to read them anyway.");
        }

        // Ordinal order of the names with '/': the same on every system.
        files.AddRange(fasta
            .Select(path => Describe(path, Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .OrderBy(file => file.Name, StringComparer.Ordinal));
    }

    private static void AddPattern(List<InputFile> files, string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) is { Length: > 0 } parent ? parent : ".";
        string[] matches = Directory.Exists(folder) ? Directory.GetFiles(folder, Path.GetFileName(pattern)) : [];
        if (matches.Length == 0)
        {
            throw new ClssIngestException($"{pattern}: no file has such a name.");
        }

        files.AddRange(matches.Order(StringComparer.Ordinal).Select(path => Describe(path, Path.GetFileName(path))));
    }

    private static InputFile Describe(string path, string name)
    {
        var info = new FileInfo(path);
        return info.Exists
            ? new InputFile(path, name, info.Length, info.LastWriteTimeUtc)
            : throw new ClssIngestException($"{path}: no such file or folder.");
    }

    public static bool HasFastaExtension(string path) =>
        Extensions.Any(extension => Compressions.Any(compression => path.EndsWith(extension + compression, StringComparison.OrdinalIgnoreCase)));

    private static bool IsDatabase(string folder) =>
        File.Exists(Path.Combine(folder, "MANIFEST")) || File.Exists(Path.Combine(folder, IngestState.FileName));
}
