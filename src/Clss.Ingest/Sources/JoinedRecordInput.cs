namespace Clss.Ingest.Sources;

/// <summary>Inputs of different kinds, one after the other.</summary>
internal sealed class JoinedRecordInput(IReadOnlyList<RecordInput> parts) : RecordInput
{
    public override IReadOnlyList<InputFile> Files { get; } = [.. parts.SelectMany(part => part.Files)];

    public override long? TotalBytes => parts.Any(part => part.TotalBytes is null) ? null : parts.Sum(part => part.TotalBytes!.Value);

    public override long BytesRead => parts.Sum(part => part.BytesRead);

    public override bool HasStructures => parts.Any(part => part.HasStructures);

    public override bool HasSequences => parts.Any(part => part.HasSequences);

    internal override string Reading => string.Join("; ", parts.Select(part => part.Reading));

    public override IEnumerable<IngestItem> Read() => parts.SelectMany(part => part.Read());
}
