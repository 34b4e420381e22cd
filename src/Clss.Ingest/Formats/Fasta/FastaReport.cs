namespace Clss.Ingest.Formats.Fasta;

/// <summary>What <see cref="FastaReader"/> found beside the records: rejected records and what it changed. Filled while the records are read.</summary>
public sealed class FastaReport
{
    private readonly List<RejectedRecord> _rejected = [];

    /// <summary>The records that were not taken, in file order.</summary>
    public IReadOnlyList<RejectedRecord> Rejected => _rejected;

    /// <summary>The records that were read.</summary>
    public long Records { get; internal set; }

    /// <summary>Why the file could not be read to its end, or at all; null when it could.</summary>
    public string? Failure { get; internal set; }

    /// <summary>Lines of text before the first header, which were ignored (comments beginning with <c>;</c> are not counted).</summary>
    public long LeadingLines { get; internal set; }

    /// <summary>Records with gap signs that were removed.</summary>
    public long RecordsWithGaps { get; internal set; }

    /// <summary>Records with a stop inside the sequence that was read as <c>X</c>.</summary>
    public long RecordsWithInternalStops { get; internal set; }

    /// <summary>Records with lower-case letters that were raised.</summary>
    public long RecordsWithLowerCase { get; internal set; }

    /// <summary>Whether the sequences look like nucleotides: of the first 100,000 letters at least 98 % are A, C, G, T, U or N.</summary>
    public bool LooksLikeNucleotides => _letters >= MinLetters && _nucleotideLetters * 100 >= _letters * 98;

    // Fewer letters than this say nothing: short peptides of A, C, G and T exist.
    private const int MinLetters = 30;
    private const int MaxLetters = 100_000;

    private long _letters;
    private long _nucleotideLetters;

    internal void Reject(RejectedRecord rejected) => _rejected.Add(rejected);

    internal void ClearRejected() => _rejected.Clear();

    internal void CountLetters(ReadOnlySpan<byte> residues)
    {
        if (_letters >= MaxLetters)
        {
            return;
        }

        ReadOnlySpan<byte> sample = residues[..(int)Math.Min(residues.Length, MaxLetters - _letters)];
        _letters += sample.Length;
        foreach (byte letter in sample)
        {
            if (letter is (byte)'A' or (byte)'C' or (byte)'G' or (byte)'T' or (byte)'U' or (byte)'N')
            {
                _nucleotideLetters++;
            }
        }
    }
}
