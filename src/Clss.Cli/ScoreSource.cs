using Clss.Cli.Commands;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Sources;
using Clss.Query;
using Clss.Query.Scoring;

namespace Clss.Cli;

/// <summary>One of the two inputs of <c>clss score</c>: sequences, structures, or the vectors of a database.</summary>
internal sealed class ScoreSource
{
    private const int ShownRejections = 10;

    private readonly string _path;
    private readonly ResiduePolicy _policy;
    private readonly Messages _messages;

    private ScoreSource(string path, ResiduePolicy policy, Messages messages)
    {
        _path = path;
        _policy = policy;
        _messages = messages;
        Database = DatabasePath.TryFind(path);
    }

    /// <summary>The folder of the database, or null where the input has to be embedded.</summary>
    public string? Database { get; }

    /// <summary>Records not taken, so far.</summary>
    public long Rejected { get; private set; }

    /// <summary>Records taken, so far.</summary>
    public long Taken { get; private set; }

    /// <summary>Whether there were coordinates among the records taken so far.</summary>
    public bool HasStructures { get; private set; }

    public static ScoreSource Open(string path, ResiduePolicy policy, Messages messages) => new(path, policy, messages);

    /// <summary>The vectors, in order. Those of a database come one by one, as they are stored.</summary>
    public IEnumerable<ProteinVectors> Read(ClssEmbedder? embedder, CancellationToken cancellationToken)
    {
        IEnumerable<ProteinVectors> all = Database is not null
            ? ReadDatabase(Database)
            : PairScoring.Embed(embedder ?? throw new ClssQueryException($"{_path} needs a model to be embedded with."), ReadRecords(), cancellationToken);
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

    private IEnumerable<DomainRecord> ReadRecords()
    {
        foreach (IngestItem item in RecordInput.Open([_path], new FastaOptions { Policy = _policy }, PolicyOption.OfStructures(_policy)).Read())
        {
            if (item.Record is DomainRecord record)
            {
                HasStructures |= record.Backbone is not null;
                yield return record;
            }
            else if (item.Rejected is RejectedRecord rejected)
            {
                Report(rejected);
            }
            else if (item.Note is InputNote note)
            {
                _messages.Warning(note.ToString());
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
}
