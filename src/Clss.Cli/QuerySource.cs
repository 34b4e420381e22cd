using Clss.Cli.Commands;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Index;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Sources;
using Clss.Query;

namespace Clss.Cli;

/// <summary>
/// The queries a command line names: sequences or structures in files, folders, archives or on standard input, the vectors of a database, or those of a <c>.npy</c> file.
/// What could not be used is collected while the queries are read.
/// </summary>
internal abstract class QuerySource
{
    private readonly List<RejectedRecord> _rejected = [];

    /// <summary>Whether the queries have to be embedded.</summary>
    public abstract bool NeedsModel { get; }

    /// <summary>Whether queries may have to be embedded as structures.</summary>
    public virtual bool MayHaveStructures => false;

    /// <summary>The share read so far, 0 to 1, where it can be told.</summary>
    public abstract double? Fraction { get; }

    /// <summary>How many queries there are, where it can be told.</summary>
    public virtual long? Total => null;

    /// <summary>The queries that were not taken, so far.</summary>
    public IReadOnlyList<RejectedRecord> Rejected => _rejected;

    /// <summary>The queries, in order.</summary>
    public abstract IEnumerable<ProteinQuery> Read();

    /// <summary>Refuses queries whose vectors belong to another model than the database's.</summary>
    public virtual void RequireModelOf(VectorCollection target)
    {
    }

    /// <summary>Finds out what <paramref name="path"/> is and opens it.</summary>
    public static QuerySource Open(string path, ResiduePolicy policy, Modality? modality, Messages messages)
    {
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            return new OfVectors(path, modality);
        }

        if (DatabasePath.TryFind(path) is string database)
        {
            return new OfDatabase(database, modality);
        }

        return new OfRecords(RecordInput.Open([path], new FastaOptions { Policy = policy }, PolicyOption.OfStructures(policy)), modality, messages);
    }

    private sealed class OfRecords(RecordInput input, Modality? modality, Messages messages) : QuerySource
    {
        public override bool NeedsModel => true;

        public override bool MayHaveStructures => input.HasStructures && (modality ?? Modality.Structure) == Modality.Structure;

        public override double? Fraction => input.TotalBytes is long total and > 0 ? (double)input.BytesRead / total : null;

        public override IEnumerable<ProteinQuery> Read()
        {
            foreach (IngestItem item in input.Read())
            {
                if (item.Record is DomainRecord record)
                {
                    if (QueryOf(record) is ProteinQuery query)
                    {
                        yield return query;
                    }
                }
                else if (item.Rejected is RejectedRecord rejected)
                {
                    _rejected.Add(rejected);
                }
                else if (item.Note is InputNote note)
                {
                    messages.Warning(note.ToString());
                }
            }
        }

        /// <summary>What a record asks by: its coordinates where it has some and nothing else is wanted, else its sequence.</summary>
        private ProteinQuery? QueryOf(DomainRecord record)
        {
            string description = record.Metadata.FirstOrDefault(pair => pair.Key == DomainSchema.Description).Value.ToString();
            if ((modality ?? Modality.Structure) == Modality.Structure && record.Backbone is not null)
            {
                return new ByStructure(record.Key, record.Backbone) { Description = description };
            }

            if (modality == Modality.Structure)
            {
                _rejected.Add(new RejectedRecord(record.Source, record.Line, record.Key, RejectionReasons.NoCoordinates, "a sequence has no coordinates to ask by."));
                return null;
            }

            return new BySequence(record.Key, record.Sequence) { Description = description, Modality = modality ?? Modality.Sequence };
        }
    }

    private sealed class OfDatabase(string path, Modality? modality) : QuerySource
    {
        private long _read;
        private long _total;

        public override bool NeedsModel => false;

        public override double? Fraction => _total > 0 ? (double)_read / _total : null;

        public override void RequireModelOf(VectorCollection target)
        {
            using VectorCollection queries = VectorCollection.Open(path);
            if (queries.Info.Model.Length > 0 && target.Info.Model.Length > 0 && queries.Info.Model != target.Info.Model)
            {
                throw new ClssQueryException(
                    $"{path} holds vectors of {Name(queries.Info)}, the searched database of {Name(target.Info)}: their similarity means nothing. Embed both with one model.");
            }
        }

        public override IEnumerable<ProteinQuery> Read()
        {
            using VectorCollection queries = VectorCollection.Open(path);
            _total = queries.Info.Count;
            Filter? filter = modality is Modality wanted ? new Filter.Equal("partition", MetadataValue.Text(wanted.ToName())) : null;
            foreach (VectorEntry entry in queries.ReadAll(filter))
            {
                _read++;
                yield return new ByVector(entry.Key, entry.Vector)
                {
                    Modality = ModalityNames.TryParse(entry.Partition, out Modality known) ? known : Modality.Sequence,
                    Length = entry.Metadata.TryGetValue(DomainSchema.Length, out MetadataValue length) && length.Kind == MetadataKind.Integer ? (int)length.AsInteger() : null,
                    Description = entry.Metadata.TryGetValue(DomainSchema.Description, out MetadataValue description) ? description.ToString() : "",
                };
            }
        }

        private static string Name(CollectionInfo info) => $"{(info.ModelName.Length > 0 ? info.ModelName : "a model")} ({info.Model})";
    }

    private sealed class OfVectors(string path, Modality? modality) : QuerySource
    {
        private long _read;
        private long _total;

        public override bool NeedsModel => false;

        public override double? Fraction => _total > 0 ? (double)_read / _total : null;

        public override IEnumerable<ProteinQuery> Read()
        {
            using NpyReader reader = NpyReader.Open(path);
            _total = reader.Rows;
            for (long row = 0; row < reader.Rows; row++)
            {
                float[] vector = new float[reader.Columns];
                reader.ReadRows(vector);
                _read++;
                yield return new ByVector(row.ToString(System.Globalization.CultureInfo.InvariantCulture), vector) { Modality = modality ?? Modality.Sequence };
            }
        }
    }
}
