using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>
/// Reads BinaryCIF 0.3.0: mmCIF tables with packed columns in MessagePack. The deviations of the mmCIF reader hold here too; encodings not in the
/// specification are errors only in columns that are read.
/// </summary>
public static class BinaryCifReader
{
    /// <summary>Reads a stream of plain bytes; <see cref="StructureFile"/> undoes compression and tells formats apart.</summary>
    /// <param name="stream">The bytes. Not disposed.</param>
    /// <param name="source">Names the stream in messages.</param>
    /// <exception cref="StructureFormatException">The data is damaged, or there is no atom in it.</exception>
    /// <exception cref="ClssIngestException">The stream breaks.</exception>
    public static Structure Read(Stream stream, string source = "stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var content = ContentBuffer.ReadPlain(stream, source);
        return Parse(content.Bytes, StructureFileName.Parse(source), source);
    }

    internal static Structure Parse(ReadOnlySpan<byte> file, StructureFileName name, string source)
    {
        var builder = new StructureBuilder(name.Key, source, StructureFormat.BinaryCif) { UniProtAccession = name.UniProtAccession };
        new BinaryCifParser(file, builder, source).Run();
        return builder.Build();
    }
}
