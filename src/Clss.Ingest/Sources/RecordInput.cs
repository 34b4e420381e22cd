using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Sources;

/// <summary>
/// The records of what a user names, sequences and structures alike, one after the other, with everything that was not taken
/// among them.
/// </summary>
public abstract class RecordInput
{
    /// <summary>The files that are read, in order.</summary>
    public abstract IReadOnlyList<InputFile> Files { get; }

    /// <summary>Bytes on disk of all files; null when standard input or given records are among them.</summary>
    public abstract long? TotalBytes { get; }

    /// <summary>Bytes of the files read so far, to compare with <see cref="TotalBytes"/>.</summary>
    public abstract long BytesRead { get; }

    /// <summary>Whether records may come with coordinates.</summary>
    public abstract bool HasStructures { get; }

    /// <summary>Whether records may come without coordinates.</summary>
    public abstract bool HasSequences { get; }

    /// <summary>What besides the files decides the records, as text: a resumed run must have the same.</summary>
    internal abstract string Reading { get; }

    /// <summary>
    /// Finds out what each name leads to, by content, and opens it: FASTA files, structure files and archives of them, <c>FILE:CHAIN/RANGE</c>,
    /// folders of either, <c>*</c> patterns, <c>@LIST</c> (a file of names of structures), or <c>-</c>.
    /// </summary>
    /// <exception cref="ClssIngestException">A name leads nowhere, or the only file is neither FASTA nor a structure.</exception>
    public static RecordInput Open(
        IReadOnlyList<string> inputs, FastaOptions? options = null, StructurePolicy policy = StructurePolicy.Default, Stream? standardInput = null)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var parts = new List<RecordInput>();
        foreach ((bool isStructure, List<string> names, Stream? stream) in InputKinds.Group(inputs, standardInput))
        {
            parts.Add(isStructure
                ? new StructureRecordInput(StructureInput.Open(names, policy, stream), policy)
                : SequenceInput.Open(names, options, stream));
        }

        return parts.Count switch
        {
            0 => SequenceInput.Open(inputs, options, standardInput), // says that nothing is named
            1 => parts[0],
            _ => new JoinedRecordInput(parts),
        };
    }

    /// <summary>Reads everything, from the beginning. Standard input can be read once.</summary>
    /// <exception cref="ClssIngestException">The only input gives no record because it is broken or of another kind.</exception>
    public abstract IEnumerable<IngestItem> Read();

    /// <summary>Reads the records alone; what was not taken is passed over. <see cref="Read"/> tells of it.</summary>
    /// <exception cref="ClssIngestException">The only input gives no record because it is broken or of another kind.</exception>
    public IEnumerable<DomainRecord> ReadRecords() => Read().Where(item => item.Record is not null).Select(item => item.Record!);
}
