namespace Clss.Ingest.Formats.Fasta;

/// <summary>
/// Reads FASTA text, whatever its line ends, one record at a time. The rules, and where they differ from other tools, are
/// written in docs/formats/fasta.md.
/// </summary>
/// <remarks>
/// There is no standard. W. R. Pearson and D. J. Lipman, PNAS 85 (1988) 2444, gave the format to their program; the rules here
/// are what UniProt, NCBI, ASTRAL, ECOD and CATH publish and what Biopython and MMseqs2 accept. Deviations: blanks before the
/// identifier are skipped, a carriage return alone ends a line, and a control-Z at the very end is ignored.
/// </remarks>
public static class FastaReader
{
    /// <summary>Reads records from a stream of plain UTF-8 (or Latin-1) bytes; <see cref="Sources.InputStream"/> undoes compression and UTF-16.</summary>
    /// <param name="stream">The bytes. Not disposed.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <param name="report">Takes the rejected records. Without it the first bad record throws.</param>
    /// <param name="source">The name of the stream in messages and records.</param>
    /// <exception cref="ClssIngestException">
    /// No header was found, or a record is bad, or the stream breaks, and there is no <paramref name="report"/> to note it.
    /// </exception>
    public static IEnumerable<FastaRecord> Read(Stream stream, FastaOptions? options = null, FastaReport? report = null, string source = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new FastaOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxResidues, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxResidues, 1_000_000_000);
        return Enumerate(stream, options, report, source);
    }

    private static IEnumerable<FastaRecord> Enumerate(Stream stream, FastaOptions options, FastaReport? report, string source)
    {
        using var parser = new FastaParser(stream, options, report, source);
        while (parser.Next() is { } record)
        {
            yield return record;
        }
    }
}
