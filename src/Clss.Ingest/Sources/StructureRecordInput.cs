using Clss.Ingest.Structures;

namespace Clss.Ingest.Sources;

/// <summary>The chains of a <see cref="StructureInput"/> as records: sequence, coordinates and what the file tells of them.</summary>
internal sealed class StructureRecordInput(StructureInput input, StructurePolicy policy) : RecordInput
{
    public override IReadOnlyList<InputFile> Files => input.Files;

    public override long? TotalBytes => input.TotalBytes;

    public override long BytesRead => input.BytesRead;

    public override bool HasStructures => true;

    public override bool HasSequences => false;

    internal override string Reading => $"structures by the {policy} policy";

    public override IEnumerable<IngestItem> Read()
    {
        foreach (StructureItem item in input.Read())
        {
            if (item.Chain is ChainBackbone chain)
            {
                yield return new IngestItem(new DomainRecord
                {
                    Key = chain.Key,
                    Sequence = new Embedder.Inputs.ProteinSequence(chain.Sequence),
                    Backbone = chain.Backbone,
                    Source = chain.Structure.Source,
                    Metadata = StructureSchema.MetadataOf(chain, Path.GetFileName(chain.Structure.Source)),
                });
            }
            else
            {
                yield return item.Rejected is { } rejected ? new IngestItem(rejected) : new IngestItem(item.Note!);
            }
        }
    }
}
