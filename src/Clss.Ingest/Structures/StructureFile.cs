using Clss.Ingest.Formats.BinaryCif;
using Clss.Ingest.Formats.MmCif;
using Clss.Ingest.Formats.Pdb;
using Clss.Ingest.Sources;

namespace Clss.Ingest.Structures;

/// <summary>Opens one structure, whatever its format and compression; both are told by content.</summary>
public static class StructureFile
{
    /// <summary>Reads a PDB, mmCIF or BinaryCIF file, plain or compressed with gzip, zstd or bzip2.</summary>
    /// <exception cref="StructureFormatException">The file is no structure, is damaged, or holds no atom.</exception>
    /// <exception cref="ClssIngestException">The file is missing or cannot be read.</exception>
    public static Structure Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = InputStream.OpenFile(path);
        return Read(file, path);
    }

    /// <summary>Reads a stream to its end, undoing compression.</summary>
    /// <param name="stream">The bytes. Not disposed.</param>
    /// <param name="source">Names the stream in messages; its last part without endings becomes <see cref="Structure.Name"/>.</param>
    /// <exception cref="StructureFormatException">The content is no structure, is damaged, or holds no atom.</exception>
    /// <exception cref="ClssIngestException">The stream breaks.</exception>
    public static Structure Read(Stream stream, string source)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(source);
        using ContentBuffer content = ContentBuffer.Load(stream, source);
        return Parse(content.Bytes, source);
    }

    internal static Structure Parse(ReadOnlySpan<byte> content, string source)
    {
        StructureFileName name = StructureFileName.Parse(source);
        return StructureDetector.Detect(content, source) switch
        {
            StructureFormat.MmCif => MmCifReader.Parse(content, name, source),
            StructureFormat.BinaryCif => BinaryCifReader.Parse(content, name, source),
            _ => PdbReader.Parse(content, name, source),
        };
    }
}
