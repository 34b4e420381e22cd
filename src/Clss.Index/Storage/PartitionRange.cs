namespace Clss.Index.Storage;

/// <summary>The rows of one partition of a generation: [Start, Start + Count).</summary>
internal sealed record PartitionRange(string Name, int Start, int Count)
{
    public int End => Start + Count;
}
