using System.Text.Json;

namespace Clss.Index.Storage;

/// <summary>The member "index" of a schema: which index the next generation is to have. Collections of format 1.0 have none.</summary>
internal static class IndexSettings
{
    private const string Member = "index";

    public static void Write(Utf8JsonWriter writer, IndexOptions options)
    {
        writer.WriteStartObject(Member);
        writer.WriteString("kind", options.Kind.ToString());
        writer.WriteNumber("rowsPerCell", options.Cells.RowsPerCell);
        writer.WriteNumber("seed", options.Seed);
        writer.WriteEndObject();
    }

    public static IndexOptions Read(Section section, JsonElement root)
    {
        if (!root.TryGetProperty(Member, out JsonElement index))
        {
            return new IndexOptions();
        }

        string kind = index.GetProperty("kind").GetString() ?? "";
        if (!Enum.TryParse(kind, out IndexKind parsed) || parsed.ToString() != kind)
        {
            throw section.Corrupt($"Unknown kind of index \"{kind}\".");
        }

        int rowsPerCell = index.GetProperty("rowsPerCell").GetInt32();
        return rowsPerCell < 0
            ? throw section.Corrupt($"Expected a number of rows per cell, found {rowsPerCell}.")
            : new IndexOptions { Kind = parsed, Cells = new CellParameters { RowsPerCell = rowsPerCell }, Seed = index.GetProperty("seed").GetUInt64() };
    }
}
