namespace Clss.Ingest.Formats.Fasta;

/// <summary>How FASTA text is read.</summary>
public sealed record FastaOptions
{
    /// <summary>How the letters of a sequence are taken.</summary>
    public ResiduePolicy Policy { get; init; } = ResiduePolicy.Default;

    /// <summary>
    /// The longest sequence that is taken, in residues; a longer one is rejected without being kept in memory. The longest
    /// known proteins have about 45,000 residues; what is longer than the default is a chromosome or a damaged file.
    /// </summary>
    public int MaxResidues { get; init; } = 1_000_000;
}
