using Clss.Ingest.Archives;
using Clss.Ingest.Sources;

namespace Clss.Ingest.Structures;

/// <summary>
/// The protein chains of the files, folders, archives and standard input a user names, one after the other, with everything that was not taken among them. A single
/// file that gives nothing because it is broken is an error; among several, and in an archive, it is a rejection and the rest goes on.
/// </summary>
public sealed class StructureInput
{
    private readonly IReadOnlyList<StructureTarget> _targets;
    private readonly StructurePolicy _policy;
    private readonly Stream? _standardInput;

    // The version of every AlphaFold DB model that was taken, by entry.
    private readonly Dictionary<string, int> _versions = new(StringComparer.Ordinal);
    private FileStream? _current;
    private long _finishedBytes;
    private bool _standardInputRead;

    private StructureInput(IReadOnlyList<StructureTarget> targets, StructurePolicy policy, Stream? standardInput)
    {
        _targets = targets;
        _policy = policy;
        _standardInput = standardInput;
        Files = [.. targets.Select(target => target.File)];
    }

    /// <summary>The files that are read, in order.</summary>
    public IReadOnlyList<InputFile> Files { get; }

    /// <summary>Bytes on disk of all files; null when standard input is among them.</summary>
    public long? TotalBytes => Files.Any(file => file.Length < 0) ? null : Files.Sum(file => file.Length);

    /// <summary>Bytes of the files read so far, to compare with <see cref="TotalBytes"/>.</summary>
    public long BytesRead => _finishedBytes + (_current is { CanSeek: true } file ? file.Position : 0);

    /// <summary>How many files were passed over because the same AlphaFold DB model was taken from its .cif or .pdb twin.</summary>
    public int MergedTwins { get; private set; }

    /// <summary>Finds the files. Names may be files, <c>FILE:CHAIN/RANGE</c>, folders (searched for structure and archive names), patterns with <c>*</c>, <c>@LIST</c> (a file of names), or <c>-</c>.</summary>
    /// <exception cref="ClssIngestException">A name leads nowhere, or what follows a file name is no selection.</exception>
    public static StructureInput Open(IReadOnlyList<string> inputs, StructurePolicy policy = StructurePolicy.Default, Stream? standardInput = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        IReadOnlyList<StructureTarget> targets = StructureTargets.Find(inputs);
        bool usesStandardInput = targets.Any(target => target.File.IsStandardInput);
        return new StructureInput(targets, policy, usesStandardInput ? standardInput ?? Console.OpenStandardInput() : null);
    }

    /// <summary>Reads everything, from the beginning. Standard input can be read once.</summary>
    /// <exception cref="ClssIngestException">The only input is broken or no structure, and gives nothing.</exception>
    public IEnumerable<StructureItem> Read()
    {
        _finishedBytes = 0;
        _versions.Clear();
        MergedTwins = 0;
        foreach (StructureTarget target in _targets)
        {
            foreach (StructureItem item in target.File.IsStandardInput ? ReadStandardInput(target) : ReadFile(target))
            {
                yield return item;
            }

            _finishedBytes += Math.Max(0, target.File.Length);
            _current = null;
        }

        if (MergedTwins > 0)
        {
            yield return new StructureItem(new InputNote(Files[0].Path, $"{MergedTwins:N0} AlphaFold DB models came as .cif and .pdb twins and were read once."));
        }
    }

    private IEnumerable<StructureItem> ReadFile(StructureTarget target)
    {
        (FileStream? file, byte[] head, RejectedRecord? rejected) = TryOpen(target.File.Path);
        if (rejected is not null)
        {
            yield return new StructureItem(rejected);
            yield break;
        }

        using (file)
        {
            _current = file;
            IEnumerable<StructureItem> items =
                !file!.CanSeek ? ReadForward(file, target.File.Path, target)
                : StructureDetector.IsZip(head) ? ReadArchive(ZipEntries.Read(file, target.File.Path), target, origin: null)
                : StructureDetector.IsTar(head) ? ReadTar(file, target)
                : ReadStructure(() => ContentBuffer.Load(file, target.File.Path), target.File.Path, target.Selection, isOnly: _targets.Count == 1);
            foreach (StructureItem item in items)
            {
                yield return item;
            }
        }
    }

    private (FileStream? File, byte[] Head, RejectedRecord? Rejected) TryOpen(string path)
    {
        FileStream? file = null;
        try
        {
            file = InputStream.OpenFile(path);

            // A pipe cannot be put back to its start.
            return (file, file.CanSeek ? ContentBuffer.Peek(file, path) : [], null);
        }
        catch (ClssIngestException exception) when (_targets.Count > 1)
        {
            file?.Dispose();
            return (null, [], new RejectedRecord(path, 0, "", RejectionReasons.UnreadableFile, exception.Message));
        }
    }

    private IEnumerable<StructureItem> ReadTar(Stream file, StructureTarget target)
    {
        var origin = new CountingStream(file);
        Stream decoded = InputStream.Decode(origin, target.File.Path);
        return ReadArchive(TarArchive.Read(decoded, target.File.Path, isCompressed: true), target, origin);
    }

    private IEnumerable<StructureItem> ReadStandardInput(StructureTarget target)
    {
        if (_standardInputRead)
        {
            throw new ClssIngestException("Standard input was read already and cannot be read again.");
        }

        _standardInputRead = true;
        return ReadForward(_standardInput!, "stdin", target);
    }

    private IEnumerable<StructureItem> ReadForward(Stream stream, string source, StructureTarget target)
    {
        var origin = new CountingStream(stream);
        Stream decoded = InputStream.Decode(origin, source);
        byte[] head = InputStream.HeadOf(decoded).ToArray();
        if (StructureDetector.IsTar(head))
        {
            return ReadArchive(TarArchive.Read(decoded, source, isCompressed: true), target, origin);
        }

        if (StructureDetector.IsZip(head))
        {
            // The directory of a zip archive is at its end.
            using ContentBuffer content = ContentBuffer.ReadPlain(decoded, source, ReadLimit.ForStream(origin));
            return ReadArchive(ZipEntries.Read(new MemoryStream(content.Bytes.ToArray()), source), target, origin: null);
        }

        return ReadStructure(() => ContentBuffer.ReadPlain(decoded, source, ReadLimit.ForStream(origin)), source, target.Selection, isOnly: _targets.Count == 1);
    }

    private IEnumerable<StructureItem> ReadArchive(IEnumerable<ArchiveEntry> entries, StructureTarget target, CountingStream? origin)
    {
        string source = target.File.IsStandardInput ? "stdin" : target.File.Path;
        int others = 0;
        int structures = 0;
        using IEnumerator<ArchiveEntry> enumerator = entries.GetEnumerator();
        while (true)
        {
            (ArchiveEntry? entry, ClssIngestException? failure) = Next(enumerator);
            if (failure is not null)
            {
                yield return structures == 0 && _targets.Count == 1 ? throw failure : new StructureItem(new RejectedRecord(source, 0, "", RejectionReasons.BrokenFile, failure.Message));
            }

            if (entry is null)
            {
                break;
            }

            if (IsArchive(entry.Name))
            {
                yield return new StructureItem(new RejectedRecord($"{source}/{entry.Name}", 0, "", RejectionReasons.UnreadableFile, "an archive inside an archive is not read. Unpack the outer one."));
            }
            else if (!IsStructure(entry.Name))
            {
                others++;
            }
            else
            {
                structures++;
                ReadLimit limit = origin is null ? ReadLimit.ForCompressed(entry.PackedLength) : ReadLimit.ForStream(origin);
                foreach (StructureItem item in ReadStructure(() => ContentBuffer.Load(entry.Content, $"{source}/{entry.Name}", limit), $"{source}/{entry.Name}", target.Selection, isOnly: false))
                {
                    yield return item;
                }
            }
        }

        if (others > 0 || structures == 0)
        {
            yield return new StructureItem(new InputNote(source, structures == 0 ? $"no file in the archive is named like a structure ({others:N0} others)." : $"{others:N0} file{(others == 1 ? " in the archive is not named like a structure and was" : "s in the archive are not named like structures and were")} not read."));
        }
    }

    private static (ArchiveEntry? Entry, ClssIngestException? Failure) Next(IEnumerator<ArchiveEntry> entries)
    {
        try
        {
            return (entries.MoveNext() ? entries.Current : null, null);
        }
        catch (ClssIngestException exception)
        {
            return (null, exception);
        }
    }

    private static bool IsArchive(string name) => StructureTargets.HasArchiveEnding(name);

    // macOS writes a "._" file beside each.
    private static bool IsStructure(string name) =>
        (StructureFileName.HasStructureEnding(name) || StructureFileName.HasNoEnding(name)) && !Path.GetFileName(name).StartsWith("._", StringComparison.Ordinal);

    private List<StructureItem> ReadStructure(Func<ContentBuffer> load, string source, StructureSelection? selection, bool isOnly)
    {
        StructureFileName name = StructureFileName.Parse(source);
        if (name.IsAlphaFold && _versions.TryGetValue(name.Key, out int taken))
        {
            if (taken == name.ModelVersion)
            {
                MergedTwins++;
                return [];
            }

            return [new StructureItem(new RejectedRecord(source, 0, name.Key, RejectionReasons.DuplicateRecord, $"version {name.ModelVersion} of the model; version {taken} was taken."))];
        }

        try
        {
            using ContentBuffer content = load();
            Structure structure = StructureFile.Parse(content.Bytes, source);
            if (name.IsAlphaFold)
            {
                _versions.Add(name.Key, name.ModelVersion);
            }

            return Extract(structure, selection);
        }
        catch (ClssIngestException exception) when (!isOnly)
        {
            return [new StructureItem(new RejectedRecord(source, 0, name.Key, StructureRejectionReasons.UnreadableStructure, exception.Message))];
        }
    }

    private List<StructureItem> Extract(Structure structure, StructureSelection? selection)
    {
        BackboneExtraction extraction = BackboneExtractor.Extract(structure, selection, _policy);
        List<StructureItem> items =
        [
            .. extraction.Chains.Select(chain => new StructureItem(chain)),
            .. extraction.Rejected.Select(rejected => new StructureItem(rejected)),
            .. structure.Notes.Select(note => new StructureItem(new InputNote(structure.Source, note))),
        ];
        if (structure.ModelRecords.Length > 1 && selection?.ModelNumber is null)
        {
            items.Add(new StructureItem(new InputNote(structure.Source, $"{structure.ModelRecords.Length:N0} models: the first (model {structure.ModelRecords[0].Number}) was read.")));
        }

        return items;
    }
}
