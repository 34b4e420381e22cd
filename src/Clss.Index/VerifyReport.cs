namespace Clss.Index;

/// <summary>The outcome of checking every byte of a collection against its checksums.</summary>
/// <param name="Damages">What is damaged; empty where the collection is intact.</param>
/// <param name="Files">The files that were read.</param>
/// <param name="Bytes">How many bytes were read.</param>
public sealed record VerifyReport(IReadOnlyList<Damage> Damages, IReadOnlyList<string> Files, long Bytes)
{
    /// <summary>True where nothing is damaged.</summary>
    public bool IsIntact => Damages.Count == 0;
}
