using System.Globalization;
using System.Text;
using Clss.Embedder.Weights;
using Clss.Ingest.Formats.Numpy;

namespace Clss.Ingest;

/// <summary>
/// The forms in which vectors are written, by the file's ending: <c>.npy</c> (an array [n, d]), <c>.tsv</c> (<c>id</c> and <c>v1</c> to <c>vd</c>, a row for
/// each vector; of residues with the 1-based <c>residue</c> between) and <c>.safetensors</c> (one tensor <c>vectors</c> [n, d]; of residues one tensor [L, d]
/// for each record, named by its id, with <c>#2</c> and so on behind an id that came before). All have the table of ids beside them.
/// </summary>
public static class VectorFile
{
    private const string NumpyEnding = ".npy";
    private const string TableEnding = ".tsv";
    private const string SafetensorsEnding = ".safetensors";
    private const string ConvertedSuffix = ".converted";

    /// <summary>The endings that are known.</summary>
    public static IReadOnlyList<string> Endings { get; } = [NumpyEnding, TableEnding, SafetensorsEnding];

    /// <summary>Whether a file of that name can be written.</summary>
    public static bool IsKnown(string path) =>
        path is not null && Endings.Any(ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && path.Length > ending.Length);

    /// <summary>Gives a finished array the form that the target's ending asks for; returns the file that has it.</summary>
    internal static string FromArray(string target, string arrayPath, string idsPath, bool perResidue)
    {
        string ending = Path.GetExtension(target).ToLowerInvariant();
        if (ending is not (TableEnding or SafetensorsEnding))
        {
            return arrayPath;
        }

        string converted = arrayPath + ConvertedSuffix;
        if (ending == TableEnding)
        {
            WriteTable(converted, arrayPath, idsPath, perResidue);
        }
        else
        {
            WriteSafetensors(converted, arrayPath, idsPath, perResidue);
        }

        return converted;
    }

    private static void WriteTable(string path, string arrayPath, string idsPath, bool perResidue)
    {
        using NpyReader array = NpyReader.Open(arrayPath);
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        using (var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" })
        {
            writer.Write(perResidue ? "id\tresidue" : "id");
            for (int column = 1; column <= array.Columns; column++)
            {
                writer.Write(string.Create(CultureInfo.InvariantCulture, $"\tv{column}"));
            }

            writer.WriteLine();
            float[] row = new float[array.Columns];
            foreach ((string id, int length) in ReadIds(idsPath))
            {
                for (int residue = 1; residue <= (perResidue ? length : 1); residue++)
                {
                    array.ReadRows(row);
                    WriteRow(writer, perResidue ? string.Create(CultureInfo.InvariantCulture, $"{id}\t{residue}") : id, row);
                }
            }
        }

        stream.Flush(flushToDisk: true);
    }

    private static void WriteRow(StreamWriter writer, string id, float[] row)
    {
        writer.Write(id);
        foreach (float value in row)
        {
            writer.Write('\t');
            writer.Write(value.ToString(CultureInfo.InvariantCulture));
        }

        writer.WriteLine();
    }

    private static void WriteSafetensors(string path, string arrayPath, string idsPath, bool perResidue)
    {
        using var source = new ArrayRows(arrayPath);
        var writer = new SafetensorsWriter();
        writer.AddMetadata("format", "pt");
        if (perResidue)
        {
            long row = 0;
            var seen = new Dictionary<string, int>(StringComparer.Ordinal);
            foreach ((string id, int length) in ReadIds(idsPath))
            {
                int times = seen[id] = seen.GetValueOrDefault(id) + 1;
                source.Add(times == 1 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}#{times}"), row, length);
                row += length;
            }
        }
        else
        {
            source.Add("vectors", 0, source.Rows);
        }

        foreach (string name in source.Tensors.Keys)
        {
            writer.Add(source, name, WeightType.Float32);
        }

        writer.Save(path);
    }

    private static IEnumerable<(string Id, int Length)> ReadIds(string path)
    {
        foreach (string[] cells in File.ReadLines(path).Skip(1).Select(line => line.Split('\t')))
        {
            yield return (cells[1], int.Parse(cells[3], CultureInfo.InvariantCulture));
        }
    }
}
