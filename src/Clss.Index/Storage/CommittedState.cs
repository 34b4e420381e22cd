namespace Clss.Index.Storage;

/// <summary>Which commit rows were loaded from: the manifest then, and how far its log was committed.</summary>
internal sealed record CommittedState(Manifest Manifest, CommitMark Commit)
{
    /// <summary>Bytes of the generation and its log.</summary>
    public long Bytes => Manifest.RowsBytes + Commit.Length;
}
