using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.MmCif;

/// <summary>Reads PDBx/mmCIF text (wwPDB dictionary version 5): the atoms and the categories that say what they are.</summary>
/// <remarks>
/// Accepted deviations: any column but the coordinates, the atom name and the residue name may be missing, and author and label identifiers stand in for each
/// other. Of several data blocks the first with atoms is read, and the others are noted.
/// </remarks>
public static class MmCifReader
{
    /// <summary>Reads a stream of plain bytes; <see cref="StructureFile"/> undoes compression and tells formats apart.</summary>
    /// <param name="stream">The bytes. Not disposed.</param>
    /// <param name="source">Names the stream in messages.</param>
    /// <exception cref="StructureFormatException">The text is damaged, or there is no atom in it.</exception>
    /// <exception cref="ClssIngestException">The stream breaks.</exception>
    public static Structure Read(Stream stream, string source = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = ContentBuffer.ReadPlain(stream, source);
        return Parse(content.Bytes, StructureFileName.Parse(source), source);
    }

    internal static Structure Parse(ReadOnlySpan<byte> text, StructureFileName name, string source)
    {
        var builder = new StructureBuilder(name.Key, source, StructureFormat.MmCif) { UniProtAccession = name.UniProtAccession };
        new MmCifParser(text, builder, source).Run();
        return builder.Build();
    }
}
