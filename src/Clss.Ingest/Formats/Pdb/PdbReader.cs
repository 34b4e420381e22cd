using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.Pdb;

/// <summary>
/// Reads the column format of the Protein Data Bank, version 3.30 (wwPDB, 2008), coordinates and the header records that say what
/// the file is.
/// </summary>
/// <remarks>
/// Accepted deviations: lines may be short (occupancy, B-factor and element may be missing), end in CR LF, hold no chain id or one of
/// two columns, and number residues in hybrid-36; a MODEL may have no number; frames may be parted by ENDMDL or END alone. In files without
/// chain ids TER parts chains. A coordinate line that cannot be read is passed over and noted.
/// </remarks>
public static class PdbReader
{
    /// <summary>Reads a stream of plain bytes; <see cref="StructureFile"/> undoes compression and tells formats apart.</summary>
    /// <param name="stream">The bytes. Not disposed.</param>
    /// <param name="source">Names the stream in messages.</param>
    /// <exception cref="StructureFormatException">There is no atom in it.</exception>
    /// <exception cref="ClssIngestException">The stream breaks.</exception>
    public static Structure Read(Stream stream, string source = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = ContentBuffer.ReadPlain(stream, source);
        return Parse(content.Bytes, StructureFileName.Parse(source), source);
    }

    internal static Structure Parse(ReadOnlySpan<byte> text, StructureFileName name, string source)
    {
        var builder = new StructureBuilder(name.Key, source, StructureFormat.Pdb) { UniProtAccession = name.UniProtAccession };
        var parser = new PdbParser(text, builder);
        parser.Run();
        return builder.AtomCount > 0
            ? builder.Build()
            : throw new StructureFormatException($"{source}: no atom coordinates: {parser.DescribeEmptiness()}");
    }
}
