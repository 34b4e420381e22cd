using System.Buffers;
using System.Text.Json;
using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>What a generation holds, from its section of JSON: dimension, model, columns, and the rows of each partition.</summary>
internal sealed record Schema(
    int Dimension,
    string Model,
    string ModelName,
    IReadOnlyList<ColumnDefinition> Columns,
    IReadOnlyList<PartitionRange> Partitions,
    IndexOptions Index,
    VectorStorage Storage)
{
    // Texts in the schema are names; 64 MiB of them is no real collection.
    private const long MaximumBytes = 1 << 26;

    private const string StorageMember = "storage";

    /// <summary>All rows: the partitions follow one another without gaps.</summary>
    public int Rows => Partitions.Count == 0 ? 0 : Partitions[^1].End;

    public byte[] Encode()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("dimension", Dimension);
            writer.WriteString("model", Model);
            writer.WriteString("modelName", ModelName);
            writer.WriteStartArray("columns");
            foreach (ColumnDefinition column in Columns)
            {
                writer.WriteStartObject();
                writer.WriteString("name", column.Name);
                writer.WriteString("type", column.Type.ToString());
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("partitions");
            foreach (PartitionRange partition in Partitions)
            {
                writer.WriteStartObject();
                writer.WriteString("name", partition.Name);
                writer.WriteNumber("count", partition.Count);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            IndexSettings.Write(writer, Index);
            if (Storage != VectorStorage.Float32)
            {
                // Without the member they are floats, as in every collection before there was a choice.
                writer.WriteString(StorageMember, Storage.ToString());
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the schema. It is small and everything else depends on it: its checksum is compared on every opening.</summary>
    public static unsafe Schema Read(Section section)
    {
        if (section.Length > MaximumBytes)
        {
            throw section.Corrupt($"Expected at most {MaximumBytes} bytes, found {section.Length}.");
        }

        byte[] bytes = new ReadOnlySpan<byte>(section.Payload, (int)section.Length).ToArray();
        uint checksum = Crc32C.Compute(bytes);
        if (checksum != section.Header.PayloadChecksum)
        {
            throw section.Corrupt($"Expected the checksum {section.Header.PayloadChecksum:x8}, found {checksum:x8}.");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            return Parse(section, document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw section.Corrupt($"A field is missing or of the wrong type ({e.Message})");
        }
    }

    private static Schema Parse(Section section, JsonElement root)
    {
        int dimension = root.GetProperty("dimension").GetInt32();
        if (dimension is < 1 or > VectorLayout.MaximumDimension)
        {
            throw section.Corrupt($"Expected a dimension of 1 to {VectorLayout.MaximumDimension}, found {dimension}.");
        }

        var columns = new List<ColumnDefinition>();
        foreach (JsonElement column in root.GetProperty("columns").EnumerateArray())
        {
            string type = column.GetProperty("type").GetString() ?? "";
            if (!Enum.TryParse(type, out ColumnType parsed) || parsed.ToString() != type)
            {
                throw section.Corrupt($"Unknown column type \"{type}\".");
            }

            columns.Add(new ColumnDefinition(column.GetProperty("name").GetString() ?? "", parsed));
        }

        RequireDistinct(section, columns.Select(column => column.Name));

        var partitions = new List<PartitionRange>();
        long rows = 0;
        foreach (JsonElement partition in root.GetProperty("partitions").EnumerateArray())
        {
            int count = partition.GetProperty("count").GetInt32();
            if (count < 0 || rows + count > int.MaxValue)
            {
                throw section.Corrupt($"The partitions have more than {int.MaxValue} rows, or a negative number.");
            }

            partitions.Add(new PartitionRange(partition.GetProperty("name").GetString() ?? "", (int)rows, count));
            rows += count;
        }

        RequireDistinct(section, partitions.Select(partition => partition.Name));

        return new Schema(
            dimension,
            root.GetProperty("model").GetString() ?? "",
            root.GetProperty("modelName").GetString() ?? "",
            columns,
            partitions,
            IndexSettings.Read(section, root),
            ReadStorage(section, root));
    }

    private static VectorStorage ReadStorage(Section section, JsonElement root)
    {
        if (!root.TryGetProperty(StorageMember, out JsonElement member))
        {
            return VectorStorage.Float32;
        }

        string name = member.GetString() ?? "";
        return Enum.TryParse(name, out VectorStorage storage) && storage.ToString() == name && Enum.IsDefined(storage)
            ? storage
            : throw section.Corrupt($"Unknown storage of vectors \"{name}\".");
    }

    private static void RequireDistinct(Section section, IEnumerable<string> names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            if (!seen.Add(name))
            {
                throw section.Corrupt($"The name \"{name}\" occurs twice.");
            }
        }
    }
}
