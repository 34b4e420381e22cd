using System.IO.Compression;
using Clss.Testing;

namespace Clss.Query.Tests.Evaluation;

/// <summary>A small folder of labelled domains.</summary>
internal static class DomainFolder
{
    public const string Header = "id\tsccs\tfold\tsuperfamily\tresolved\tfirst_residue\tresolved_seq";

    public static string Row(string id, string sccs, string sequence, int first)
    {
        string[] levels = sccs.Split('.');
        return $"{id}\t{sccs}\t{string.Join('.', levels[..2])}\t{string.Join('.', levels[..3])}\t{sequence.Length}\t{first}\t{sequence}";
    }

    /// <summary>Writes a table and coordinates: value i of residue r is 100 r + i, in hundredths of an Å.</summary>
    public static string Write(TemporaryFolder folder, string table, int residues, int bytesMore = 0)
    {
        folder.Write("set.tsv", table);
        using var gzip = new GZipStream(File.Create(folder.File("set.coords.bin.gz")), CompressionLevel.Fastest);
        using var writer = new BinaryWriter(gzip);
        for (int residue = 0; residue < residues; residue++)
        {
            for (int i = 0; i < 12; i++)
            {
                writer.Write((short)((100 * residue) + i));
            }
        }

        writer.Write(new byte[bytesMore]);
        return folder.Path;
    }
}
