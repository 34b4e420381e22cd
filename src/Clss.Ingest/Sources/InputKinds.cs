using Clss.Ingest.Structures;

namespace Clss.Ingest.Sources;

/// <summary>Tells inputs that hold sequences from those that hold structures: files by content, folders and patterns by the names in them.</summary>
internal static class InputKinds
{
    /// <summary>Runs of neighbouring inputs of one kind; with standard input, the stream to read it from.</summary>
    public static IEnumerable<(bool IsStructure, List<string> Names, Stream? StandardInput)> Group(IReadOnlyList<string> inputs, Stream? standardInput)
    {
        List<string> names = [];
        bool kind = false;
        Stream? stream = null;
        foreach (string input in inputs)
        {
            Stream? opened = null;
            foreach (bool isStructure in input == "-" ? [SniffStandardInput(standardInput, out opened)] : KindsOf(input))
            {
                if (names.Count > 0 && isStructure != kind)
                {
                    yield return (kind, names, stream);
                    (names, stream) = ([], null);
                }

                kind = isStructure;
                names.Add(input);
                stream ??= opened;
            }
        }

        if (names.Count > 0)
        {
            yield return (kind, names, stream);
        }
    }

    private static bool[] KindsOf(string input)
    {
        if (File.Exists(input))
        {
            return [IsStructureFile(input)];
        }

        if (Directory.Exists(input))
        {
            return KindsOf(Directory.EnumerateFiles(input, "*", SearchOption.AllDirectories));
        }

        if (input.AsSpan().ContainsAny('*', '?'))
        {
            string folder = Path.GetDirectoryName(input) is { Length: > 0 } parent ? parent : ".";
            return Directory.Exists(folder) ? KindsOf(Directory.EnumerateFiles(folder, Path.GetFileName(input))) : [false];
        }

        // FILE:CHAIN/RANGE and @LIST name structures; anything else leads nowhere, which the reader of sequences says.
        return [input.Length > 0 && (input[0] == '@' || input.Contains(':', StringComparison.Ordinal))];
    }

    private static bool[] KindsOf(IEnumerable<string> paths)
    {
        bool structures = false;
        bool sequences = false;
        foreach (string path in paths)
        {
            bool isStructure = StructureFileName.HasStructureEnding(path) || StructureTargets.HasArchiveEnding(path);
            structures |= isStructure;
            sequences |= InputFiles.HasFastaExtension(path);
        }

        return structures && sequences ? [false, true] : [structures];
    }

    private static bool IsStructureFile(string path)
    {
        using FileStream file = InputStream.OpenFile(path);
        if (!file.CanSeek)
        {
            return StructureFileName.HasStructureEnding(path); // a pipe: what is read now is gone
        }

        using Stream decoded = InputStream.Decode(file, path);
        return IsStructure(InputStream.HeadOf(decoded), path);
    }

    private static bool SniffStandardInput(Stream? standardInput, out Stream decoded)
    {
        decoded = InputStream.Decode(standardInput ?? Console.OpenStandardInput(), "stdin");
        return IsStructure(InputStream.HeadOf(decoded), "stdin");
    }

    private static bool IsStructure(ReadOnlySpan<byte> head, string source)
    {
        ReadOnlySpan<byte> text = head.TrimStart("\uFEFF \t\r\n"u8);
        return !(text.Length > 0 && text[0] is (byte)'>' or (byte)';')
            && (StructureDetector.IsTar(head) || StructureDetector.IsZip(head) || StructureFileName.HasStructureEnding(source) || StructureDetector.Recognises(head));
    }
}
