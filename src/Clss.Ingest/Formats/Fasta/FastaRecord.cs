namespace Clss.Ingest.Formats.Fasta;

/// <summary>One record of a FASTA file.</summary>
public sealed record FastaRecord
{
    /// <summary>The header line without <c>&gt;</c> and without blanks at its ends.</summary>
    public required string Header { get; init; }

    /// <summary>The residues, taken as the <see cref="ResiduePolicy"/> says; never empty.</summary>
    public required string Sequence { get; init; }

    /// <summary>The 1-based line of the header.</summary>
    public required long Line { get; init; }

    /// <summary>The name of the file or stream.</summary>
    public required string Source { get; init; }

    /// <summary>The header up to its first blank.</summary>
    public string Id => IdOf(Header);

    /// <summary>The header after its first blank; empty when there is none.</summary>
    public string Description => Header[Id.Length..].Trim();

    internal static string IdOf(string header)
    {
        int blank = header.AsSpan().IndexOfAny(' ', '\t');
        return blank < 0 ? header : header[..blank];
    }
}
