using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Sources;
using Clss.Ingest.Structures;
using Clss.Query;
using Clss.Query.Scoring;

namespace Clss.Cli;

/// <summary>One of the two inputs of <c>clss score</c>: sequences, structures, or the vectors of a database.</summary>
internal sealed class ScoreSource
{
    private const int ShownRejections = 10;

    private readonly string _path;
    private readonly Messages _messages;

    private ScoreSource(string path, Messages messages)
    {
        _path = path;
        _messages = messages;
        Database = DatabasePath.IsDatabase(path) || (!Path.Exists(path) && DatabasePath.DataFolder is string data && DatabasePath.IsDatabase(Path.Combine(data, path)))
            ? DatabasePath.Find(path)
            : null;
    }

    /// <summary>The folder of the database, or null where the input has to be embedded.</summary>
    public string? Database { get; }

    /// <summary>Records not taken, so far.</summary>
    public long Rejected { get; private set; }

    /// <summary>Records taken, so far.</summary>
    public long Taken { get; private set; }

    /// <summary>Whether there were coordinates among the records taken so far.</summary>
    public bool HasStructures { get; private set; }

    public static ScoreSource Open(string path, Messages messages) => new(path, messages);

    /// <summary>The vectors, in order. Those of a database come one by one, as they are stored.</summary>
    public IEnumerable<ProteinVectors> Read(ClssEmbedder? embedder, CancellationToken cancellationToken)
    {
        IEnumerable<ProteinVectors> all = Database is not null
            ? ReadDatabase(Database)
            : PairScoring.Embed(embedder ?? throw new ClssQueryException($"{_path} needs a model to be embedded with."), ReadProteins(), cancellationToken);
        foreach (ProteinVectors vectors in all)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Taken++;
            yield return vectors;
        }

        if (Taken == 0)
        {
            throw new ClssQueryException($"{_path}: nothing in it can be compared.");
        }
    }

    private static IEnumerable<ProteinVectors> ReadDatabase(string path)
    {
        using VectorCollection collection = VectorCollection.Open(path);
        foreach (VectorEntry entry in collection.ReadAll())
        {
            Modality modality = ModalityNames.TryParse(entry.Partition, out Modality known) ? known : Modality.Sequence;
            yield return new ProteinVectors(entry.Key, [new Embedding { Vector = entry.Vector, Modality = modality }]);
        }
    }

    private IEnumerable<ProteinInput> ReadProteins()
    {
        foreach ((ProteinInput? protein, RejectedRecord? rejected, InputNote? note) in OpenRecords(_path))
        {
            if (protein is not null)
            {
                HasStructures |= protein.Backbone is not null;
                yield return protein;
            }
            else if (rejected is not null)
            {
                Report(rejected);
            }
            else if (note is not null)
            {
                _messages.Info(note.ToString());
            }
        }
    }

    private void Report(RejectedRecord rejected)
    {
        Rejected++;
        if (Rejected <= ShownRejections)
        {
            _messages.Warning($"skipped: {rejected}");
        }
        else
        {
            _messages.Detail($"skipped: {rejected}");
        }
    }

    private static IEnumerable<(ProteinInput? Protein, RejectedRecord? Rejected, InputNote? Note)> OpenRecords(string path) => IsStructure(path)
        ? StructureInput.Open([path]).Read().Select(item => (
            item.Chain is ChainBackbone chain ? new ProteinInput(chain.Key, new Embedder.Inputs.ProteinSequence(chain.Sequence), chain.Backbone) : null, item.Rejected, item.Note))
        : SequenceInput.Open([path]).Read().Select(item => (
            item.Record is DomainRecord record ? new ProteinInput(record.Key, record.Sequence) : null, item.Rejected, item.Note));

    /// <summary>FASTA begins with a '>' (or the ';' of its beginnings); <c>FILE:CHAIN/RANGE</c> names a structure.</summary>
    private static bool IsStructure(string path)
    {
        if (!File.Exists(path))
        {
            return path.Contains(':', StringComparison.Ordinal) && !path.AsSpan().ContainsAny('*', '?');
        }

        using Stream stream = InputStream.Open(path);
        int first;
        do
        {
            first = stream.ReadByte();
        }
        while (first >= 0 && char.IsWhiteSpace((char)first));

        return first >= 0 && first != '>' && first != ';';
    }
}
