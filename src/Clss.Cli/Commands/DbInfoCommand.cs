using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>clss db info DB</c>: what a database holds.</summary>
internal static class DbInfoCommand
{
    public const string Schema = "clss.database.v1";

    public static Command Create(GlobalOptions global)
    {
        Argument<string> database = DbCommand.DatabaseArgument();
        var command = new Command("info", "Show what a database holds.") { database };
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            string path = DatabasePath.Find(parse.GetValue(database)!);
            using VectorCollection collection = VectorCollection.Open(path);
            if (session.Json)
            {
                Console.Out.WriteLine(ToJson(collection.Info));
            }
            else
            {
                Write(Console.Out, path, collection.Info);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Write(TextWriter writer, string path, CollectionInfo info)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        writer.WriteLine($"database    {path}");
        writer.WriteLine(string.Create(culture, $"vectors     {info.Count:N0} of {info.Dimension} dimensions"));
        foreach (PartitionInfo partition in info.Partitions)
        {
            writer.WriteLine(string.Create(culture, $"            {partition.Count:N0} {NameOf(partition)}"));
        }

        writer.WriteLine($"storage     {StorageOption.NameOf(info.Storage)}");
        writer.WriteLine($"model       {(info.ModelName.Length > 0 ? info.ModelName : "unknown")}");
        writer.WriteLine($"            {(info.Model.Length > 0 ? info.Model : "no fingerprint: ready vectors")}");
        writer.WriteLine($"index       {info.IndexKind}");
        foreach (PartitionInfo partition in info.Partitions)
        {
            string size = partition.Index switch
            {
                IndexKind.Cells => string.Create(culture, $", {partition.Cells:N0} cells, {Megabytes(partition.IndexBytes)} MB in memory"),
                IndexKind.Hnsw => $", {Megabytes(partition.IndexBytes)} MB mapped",
                _ => "",
            };
            writer.WriteLine($"            {NameOf(partition)}: {partition.Index.ToString().ToLowerInvariant()}{size} ({partition.IndexReason})");
        }

        writer.WriteLine(string.Create(culture, $"on disk     {info.BytesOnDisk / 1e6:N1} MB, generation {info.Generation}"));
        writer.WriteLine($"columns     {(info.Columns.Count == 0 ? "none" : string.Join(", ", info.Columns.Select(column => $"{column.Name} ({column.Type.ToString().ToLowerInvariant()})")))}");
    }

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString(bytes < 1_000_000 ? "0.00" : "N1", CultureInfo.InvariantCulture);

    private static string NameOf(PartitionInfo partition) => partition.Name.Length > 0 ? partition.Name : "(no name)";

    private static string ToJson(CollectionInfo info)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteNumber("count", info.Count);
            json.WriteNumber("dimension", info.Dimension);
            json.WriteString("storage", StorageOption.NameOf(info.Storage));
            json.WriteString("index", info.IndexKind);
            json.WriteString("model", info.ModelName);
            json.WriteString("model_fingerprint", info.Model);
            json.WriteNumber("generation", info.Generation);
            json.WriteNumber("bytes", info.BytesOnDisk);
            json.WriteStartObject("partitions");
            foreach (PartitionInfo partition in info.Partitions)
            {
                json.WriteNumber(partition.Name, partition.Count);
            }

            json.WriteEndObject();
            WriteIndexes(json, info.Partitions);
            json.WriteStartObject("columns");
            foreach (ColumnDefinition column in info.Columns)
            {
                json.WriteString(column.Name, column.Type.ToString().ToLowerInvariant());
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteIndexes(Utf8JsonWriter json, IReadOnlyList<PartitionInfo> partitions)
    {
        json.WriteStartObject("indexes");
        foreach (PartitionInfo partition in partitions)
        {
            json.WriteStartObject(partition.Name);
            json.WriteString("kind", partition.Index.ToString().ToLowerInvariant());
            json.WriteString("reason", partition.IndexReason);
            json.WriteNumber("cells", partition.Cells);
            json.WriteNumber("bytes", partition.IndexBytes);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
