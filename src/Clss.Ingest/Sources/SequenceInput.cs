using Clss.Embedder.Inputs;
using Clss.Index;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Formats.Fasta.Headers;

namespace Clss.Ingest.Sources;

/// <summary>
/// The sequences of the files, folders and standard input a user names, one after the other, with everything that was not
/// taken among them. A single input that gives nothing is an error; among several, a broken file is a rejection and the rest
/// goes on.
/// </summary>
public sealed class SequenceInput : RecordInput
{
    private readonly Stream? _standardInput;
    private readonly IEnumerable<IngestItem>? _items;
    private FileStream? _current;
    private long _finishedBytes;
    private bool _standardInputRead;

    private SequenceInput(IReadOnlyList<InputFile> files, FastaOptions options, Stream? standardInput, IEnumerable<IngestItem>? items)
    {
        Files = files;
        Options = options;
        _standardInput = standardInput;
        _items = items;
    }

    /// <summary>The files that are read, in order.</summary>
    public override IReadOnlyList<InputFile> Files { get; }

    /// <summary>How the FASTA text is read.</summary>
    public FastaOptions Options { get; }

    /// <summary>Bytes on disk of all files; null when standard input or given records are among them.</summary>
    public override long? TotalBytes => Files.Any(file => file.Length < 0) ? null : Files.Sum(file => file.Length);

    /// <summary>Bytes of the files read so far, to compare with <see cref="TotalBytes"/>.</summary>
    public override long BytesRead => _finishedBytes + (_current?.Position ?? 0);

    /// <inheritdoc/>
    public override bool HasStructures => false;

    /// <inheritdoc/>
    public override bool HasSequences => true;

    internal override string Reading => $"policy {Options.Policy}, up to {Options.MaxResidues} residues";

    /// <summary>Finds the files. Names may be files, folders (searched for FASTA names), patterns with <c>*</c>, or <c>-</c>.</summary>
    /// <exception cref="ClssIngestException">A name leads nowhere, or the only file is no FASTA file.</exception>
    public static SequenceInput Open(IReadOnlyList<string> inputs, FastaOptions? options = null, Stream? standardInput = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        IReadOnlyList<InputFile> files = InputFiles.Find(inputs);
        if (standardInput is null && files.Any(file => file.IsStandardInput))
        {
            standardInput = Console.OpenStandardInput();
        }

        var input = new SequenceInput(files, options ?? new FastaOptions(), standardInput, items: null);
        if (files is [{ IsStandardInput: false }])
        {
            using Stream probe = OpenFasta(InputStream.OpenFile(files[0].Path), files[0]);
        }

        return input;
    }

    /// <summary>Wraps records that do not come from files.</summary>
    /// <param name="name">Names the set; a resumed run must give the same name and the same records.</param>
    /// <param name="items">The records.</param>
    public static SequenceInput FromRecords(string name, IEnumerable<IngestItem> items)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(items);
        return new SequenceInput([new InputFile(name, name, -1, DateTime.MinValue)], new FastaOptions(), standardInput: null, items);
    }

    /// <summary>Reads everything, from the beginning. Standard input can be read once.</summary>
    /// <exception cref="ClssIngestException">The only input gives no record because it is broken or no FASTA.</exception>
    public override IEnumerable<IngestItem> Read()
    {
        _finishedBytes = 0;
        return _items ?? Files.SelectMany(ReadFile);
    }

    private IEnumerable<IngestItem> ReadFile(InputFile file)
    {
        (Stream? stream, RejectedRecord? rejected) = TryOpen(file);
        if (rejected is not null)
        {
            yield return new IngestItem(rejected);
            yield break;
        }

        var report = new FastaReport();
        using (stream)
        {
            foreach (FastaRecord record in FastaReader.Read(stream!, Options, report, file.Path))
            {
                foreach (RejectedRecord before in report.Rejected)
                {
                    yield return new IngestItem(before);
                }

                report.ClearRejected();
                yield return new IngestItem(ToDomainRecord(record, file));
            }

            _finishedBytes += Math.Max(0, file.Length);
            _current = null;
        }

        if (report is { Failure: not null, Records: 0 } && Files.Count == 1)
        {
            throw new ClssIngestException(report.Failure);
        }

        foreach (RejectedRecord after in report.Rejected)
        {
            yield return new IngestItem(after);
        }

        foreach (string note in NotesOf(report))
        {
            yield return new IngestItem(new InputNote(file.Path, note));
        }
    }

    private (Stream? Stream, RejectedRecord? Rejected) TryOpen(InputFile file)
    {
        try
        {
            if (file.IsStandardInput)
            {
                if (_standardInputRead)
                {
                    throw new ClssIngestException("Standard input was read already and cannot be read again.");
                }

                _standardInputRead = true;
                return (OpenFasta(_standardInput!, file), null);
            }

            _current = InputStream.OpenFile(file.Path);
            return (OpenFasta(_current, file), null);
        }
        catch (ClssIngestException exception) when (Files.Count > 1)
        {
            _current = null;
            _finishedBytes += Math.Max(0, file.Length);
            return (null, new RejectedRecord(file.Path, 0, "", RejectionReasons.UnreadableFile, exception.Message));
        }
    }

    private static Stream OpenFasta(Stream raw, InputFile file)
    {
        Stream? decoded = null;
        try
        {
            decoded = InputStream.Decode(raw, file.Path);
            return FileSignature.Describe(InputStream.HeadOf(decoded)) is { } description
                ? throw new ClssIngestException($"{file.Path} {description}")
                : decoded;
        }
        catch
        {
            decoded?.Dispose();
            raw.Dispose();
            throw;
        }
    }

    private static DomainRecord ToDomainRecord(FastaRecord record, InputFile file)
    {
        FastaHeader header = FastaHeader.Parse(record.Header);
        return new DomainRecord
        {
            Key = header.Key,
            Sequence = new ProteinSequence(record.Sequence),
            Source = record.Source,
            Line = record.Line,
            Metadata =
            [
                new(DomainSchema.Length, MetadataValue.Integer(record.Sequence.Length)),
                new(DomainSchema.Description, MetadataValue.Text(record.Header)),
                new(DomainSchema.Source, MetadataValue.Text(file.Name)),
                .. header.Fields,
            ],
        };
    }

    private static IEnumerable<string> NotesOf(FastaReport report)
    {
        if (report.LooksLikeNucleotides)
        {
            yield return "the sequences look like nucleotides (A, C, G, T), but are read as proteins. Translate genes to proteins first.";
        }

        if (report.LeadingLines > 0 && report.Failure is null)
        {
            yield return $"{Count(report.LeadingLines, "line")} of text before the first '>' ignored.";
        }

        if (report.RecordsWithInternalStops > 0)
        {
            yield return $"'*' inside the sequence read as X in {Count(report.RecordsWithInternalStops, "record")}.";
        }

        if (report.RecordsWithGaps > 0)
        {
            yield return $"gap signs removed from {Count(report.RecordsWithGaps, "record")}.";
        }

        if (report.RecordsWithLowerCase > 0)
        {
            yield return $"lower-case letters read as capitals in {Count(report.RecordsWithLowerCase, "record")}.";
        }
    }

    private static string Count(long number, string noun) => $"{number:N0} {noun}{(number == 1 ? "" : "s")}";
}
