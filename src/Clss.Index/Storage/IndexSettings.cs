using System.Text.Json;
using Clss.Index.Hnsw;

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
        writer.WriteStartObject("hnsw");
        writer.WriteNumber("m", options.Hnsw.M);
        writer.WriteNumber("efConstruction", options.Hnsw.EfConstruction);
        writer.WriteNumber("seed", options.Hnsw.Seed);
        writer.WriteEndObject();
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

        // A writer of 1.1 may leave graphs out.
        HnswParameters hnsw = index.TryGetProperty("hnsw", out JsonElement graph)
            ? new HnswParameters
            {
                M = graph.GetProperty("m").GetInt32(),
                EfConstruction = graph.GetProperty("efConstruction").GetInt32(),
                Seed = graph.GetProperty("seed").GetInt64(),
            }
            : new HnswParameters();
        var options = new IndexOptions
        {
            Kind = parsed,
            Cells = new CellParameters { RowsPerCell = rowsPerCell },
            Hnsw = hnsw,
            Seed = index.GetProperty("seed").GetUInt64(),
        };
        try
        {
            options.Validate();
        }
        catch (ClssIndexException e)
        {
            throw section.Corrupt(e.Message);
        }

        return options;
    }
}
