using System.Text;

namespace Clss.Ingest.Sources;

/// <summary>Tells what a file is that is no FASTA file, in the user's words.</summary>
internal static class FileSignature
{
    private const int TarMagicOffset = 257;

    private static readonly (byte[] Magic, string Description)[] Binary =
    [
        ([0x93, .. "NUMPY"u8], "is a NumPy array, not FASTA. To store ready vectors: clss createdb --vectors FILE.npy --metadata FILE.tsv DB"),
        ([.. "%PDF-"u8], "is a PDF document, not FASTA. Export the sequences as text and try again."),
        ([.. "PK\u0003\u0004"u8], "is a zip archive, not FASTA. Unpack it and give the files inside it."),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a 7z archive, not FASTA. Unpack it and give the files inside it."),
        ([0xFD, .. "7zXZ"u8], "is compressed with xz, which is not read. Decompress it (xz -d), or use gz, zst or bz2."),
        ([0x89, .. "HDF"u8], "is an HDF5 file, not FASTA."),
        ([0x89, .. "PNG"u8], "is a picture, not FASTA."),
        ([0x7F, .. "ELF"u8], "is a program, not FASTA."),
        ([.. "SQLite format 3"u8], "is an SQLite database, not FASTA."),
        ([.. "PAR1"u8], "is a Parquet table, not FASTA."),
    ];

    private static readonly (string Start, string Description)[] Text =
    [
        ("HEADER ", Pdb),
        ("ATOM  ", Pdb),
        ("HETATM", Pdb),
        ("REMARK", Pdb),
        ("CRYST1", Pdb),
        ("TITLE  ", Pdb),
        ("MODEL  ", Pdb),
        ("PARENT ", Pdb),
        ("data_", "looks like an mmCIF file: a structure, not sequences. Give a FASTA file of its sequences."),
        ("<!DOCTYPE", Html),
        ("<!doctype", Html),
        ("<html", Html),
        ("<HTML", Html),
        ("<?xml", "is an XML file, not FASTA."),
        ("@", "looks like a FASTQ file of sequencing reads, not proteins in FASTA."),
        ("LOCUS  ", "looks like a GenBank file. Export it as protein FASTA."),
        ("ID   ", "looks like a UniProt or EMBL flat file. Export it as FASTA."),
        ("# STOCKHOLM", "looks like a Stockholm alignment. Convert it to FASTA."),
        ("CLUSTAL", "looks like a Clustal alignment. Convert it to FASTA."),
        ("HMMER", "is a HMMER profile, not FASTA."),
        ("{", "looks like JSON, not FASTA."),
    ];

    private const string Pdb = "looks like a PDB file: a structure, not sequences. Give a FASTA file of its sequences.";

    private const string Html = "looks like a web page, not FASTA: a download may have failed.";

    /// <summary>A sentence that says what the bytes are when they are known to be something else than FASTA; null otherwise.</summary>
    public static string? Describe(ReadOnlySpan<byte> head)
    {
        if (LooksLikeFasta(head))
        {
            return null;
        }

        if (head.Length > TarMagicOffset + 5 && head[TarMagicOffset..].StartsWith("ustar"u8))
        {
            return "is an archive, not FASTA. Unpack it (tar -xf) and give the folder or the files inside it.";
        }

        foreach ((byte[] magic, string description) in Binary)
        {
            if (head.StartsWith(magic))
            {
                return description;
            }
        }

        // safetensors: the length of a JSON header, then the header.
        if (head.Length > 10 && head[8] == '{' && head[9] == '"' && head[6] == 0 && head[7] == 0)
        {
            return "holds model weights (safetensors), not FASTA.";
        }

        string start = Encoding.Latin1.GetString(head[..Math.Min(head.Length, 64)]).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        foreach ((string text, string description) in Text)
        {
            if (start.StartsWith(text, StringComparison.Ordinal))
            {
                return description;
            }
        }

        // A single NUL can be damage inside a text; many, before any '>', are not.
        return head.Contains((byte)'>') || head.Count((byte)0) <= head.Length / 64 ? null : "is a binary file, not FASTA.";
    }

    private static bool LooksLikeFasta(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> start = head.TrimStart("\uFEFF \t\r\n"u8);
        return !start.IsEmpty && start[0] is (byte)'>' or (byte)';';
    }
}
