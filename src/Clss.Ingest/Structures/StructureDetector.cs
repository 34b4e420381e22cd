using System.Text;
using Clss.Ingest.Archives;

namespace Clss.Ingest.Structures;

/// <summary>Tells the format of a file by its content.</summary>
internal static class StructureDetector
{
    // How far the first line that says what the file is may be from its start.
    private const int HeadLength = 1 << 16;

    private static readonly string[] PdbRecords =
    [
        "ATOM  ", "HETATM", "HEADER", "TITLE ", "COMPND", "REMARK", "MODEL ", "CRYST1", "SEQRES", "EXPDTA", "AUTHOR", "OBSLTE", "SOURCE",
        "PARENT", "PFRMAT", "ORIGX1", "SCALE1", "NUMMDL", "CAVEAT", "KEYWDS", "HELIX ", "SHEET ", "DBREF ", "MODRES", "USER  ", "SPLIT ", "LINK  ", "SSBOND",
    ];

    private static readonly (byte[] Magic, string Description)[] Foreign =
    [
        ([.. "PK\u0003\u0004"u8], "is a zip archive of files; name it as an input, not as one structure."),
        ([.. "FCMP"u8], "is compressed with Foldcomp, which is not read. Unpack it (foldcomp decompress) and give the PDB or mmCIF file."),
        ([0xFD, .. "7zXZ"u8], "is compressed with xz, which is not read. Decompress it (xz -d), or use gz, zst or bz2."),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "is a 7z archive. Unpack it and give the files inside it."),
        ([.. "%PDF-"u8], "is a PDF document, not a structure."),
        ([0x89, .. "PNG"u8], "is a picture, not a structure."),
        ([0x89, .. "HDF"u8], "is an HDF5 file, not a structure."),
        ([0x93, .. "NUMPY"u8], "is a NumPy array, not a structure."),
        ([.. "SQLite format 3"u8], "is an SQLite database, not a structure."),
    ];

    private static readonly (string Start, string Description)[] ForeignText =
    [
        (">", "looks like FASTA: sequences, not a structure."),
        ("<!DOCTYPE", "is a web page, not a structure: a download may have failed."),
        ("<html", "is a web page, not a structure: a download may have failed."),
        ("<?xml", "is XML (PDBML?), which is not read. Fetch the mmCIF or PDB file."),
        ("{", "looks like JSON, not a structure."),
        ("@<TRIPOS>", "is a MOL2 file, which is not read. Convert it to PDB or mmCIF."),
        ("# STOCKHOLM", "looks like a Stockholm alignment, not a structure."),
    ];

    /// <summary>The format, or an exception that says what the file is instead.</summary>
    public static StructureFormat Detect(ReadOnlySpan<byte> content, string source)
    {
        if (content.IsEmpty)
        {
            throw new StructureFormatException($"{source} is empty. Was the download cut off?");
        }

        ReadOnlySpan<byte> head = content[..Math.Min(content.Length, HeadLength)];
        if (IsMessagePackMap(head))
        {
            return head.IndexOf("mmtfVersion"u8) >= 0
                ? throw new StructureFormatException($"{source} is MMTF, retired in 2024 and not read. Fetch the BinaryCIF, mmCIF or PDB file.")
                : StructureFormat.BinaryCif;
        }

        foreach ((byte[] magic, string description) in Foreign)
        {
            if (head.StartsWith(magic))
            {
                throw new StructureFormatException($"{source} {description}");
            }
        }

        if (IsTar(head))
        {
            throw new StructureFormatException($"{source} is a tar archive of files; name it as an input, not as one structure.");
        }

        return DetectText(head, content, source);
    }

    /// <summary>Whether the first bytes of a file are those of a structure in PDB, mmCIF or BinaryCIF form.</summary>
    public static bool Recognises(ReadOnlySpan<byte> head) => !head.IsEmpty && (IsMessagePackMap(head) || IsCif(head) || HasPdbLine(head));

    /// <summary>Whether the bytes begin a tar archive.</summary>
    public static bool IsTar(ReadOnlySpan<byte> head) => TarArchive.IsTar(head);

    /// <summary>Whether the bytes begin a zip archive, an empty one included.</summary>
    public static bool IsZip(ReadOnlySpan<byte> head) => head.StartsWith("PK\u0003\u0004"u8) || head.StartsWith("PK\u0005\u0006"u8);

    private static StructureFormat DetectText(ReadOnlySpan<byte> head, ReadOnlySpan<byte> content, string source)
    {
        if (IsCif(head))
        {
            return StructureFormat.MmCif;
        }

        ReadOnlySpan<byte> start = head.TrimStart("\uFEFF \t\r\n"u8);
        string text = Encoding.Latin1.GetString(start[..Math.Min(start.Length, 32)]);
        foreach ((string beginning, string description) in ForeignText)
        {
            if (text.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            {
                throw new StructureFormatException($"{source} {description}");
            }
        }

        if (HasPdbLine(head) || content.IndexOf("\nATOM  "u8) >= 0 || content.IndexOf("\nHETATM"u8) >= 0)
        {
            return StructureFormat.Pdb;
        }

        throw new StructureFormatException(head.Contains((byte)0)
            ? $"{source} is a binary file of an unknown kind, not a structure."
            : start.IsEmpty
                ? $"{source} holds nothing but blanks."
                : $"{source} is no structure: it begins with \"{StructureText.Decode(start[..Math.Min(start.Length, 40)])}\". PDB, mmCIF and BinaryCIF are read.");
    }

    // BinaryCIF is a map of encoder, version and dataBlocks; MMTF a map of its fields. The first key is a short string.
    private static bool IsMessagePackMap(ReadOnlySpan<byte> head)
    {
        int key = head[0] switch
        {
            >= 0x81 and <= 0x8F => 1,
            0xDE => 3,
            0xDF => 5,
            _ => -1,
        };
        return key > 0 && head.Length > key + 8 && (head[key] & 0xE0) == 0xA0
            && (head[(key + 1)..].StartsWith("encoder"u8) || head[(key + 1)..].StartsWith("version"u8) || head[(key + 1)..].StartsWith("dataBlocks"u8)
                || head.IndexOf("mmtfVersion"u8) >= 0);
    }

    private static bool IsCif(ReadOnlySpan<byte> head)
    {
        head = head.TrimStart("\uFEFF"u8);
        while (true)
        {
            head = head.TrimStart(" \t\r\n"u8);
            if (head.IsEmpty || head[0] != '#')
            {
                break;
            }

            int end = head.IndexOf((byte)'\n');
            head = end < 0 ? [] : head[end..];
        }

        return head.Length >= 5 && (Ascii.EqualsIgnoreCase(head[..5], "data_") || Ascii.EqualsIgnoreCase(head[..5], "loop_") || head.StartsWith("_atom_site."u8));
    }

    private static bool HasPdbLine(ReadOnlySpan<byte> head)
    {
        while (!head.IsEmpty)
        {
            int end = head.IndexOfAny((byte)'\n', (byte)'\r');
            ReadOnlySpan<byte> line = end < 0 ? head : head[..end];
            head = end < 0 ? [] : head[(end + 1)..];
            if (line.Length >= 5 && IsPdbRecord(line))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPdbRecord(ReadOnlySpan<byte> line)
    {
        Span<byte> name = stackalloc byte[6];
        name.Fill((byte)' ');
        ReadOnlySpan<byte> word = StructureText.Trim(line[..Math.Min(6, line.Length)]);
        word.CopyTo(name);
        foreach (string record in PdbRecords)
        {
            if (Ascii.Equals(name, record))
            {
                return true;
            }
        }

        return false;
    }
}
