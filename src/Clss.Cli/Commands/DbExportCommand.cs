using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Index;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Formats.Tsv;
using Clss.Query;

namespace Clss.Cli.Commands;

/// <summary>
/// <c>clss db export DB OUT.npy</c>: the vectors as a NumPy array, keys and metadata as <c>OUT.tsv</c>, row by row.
/// <c>clss createdb --vectors OUT.npy --metadata OUT.tsv</c> makes a database of them again.
/// </summary>
internal static class DbExportCommand
{
    public static Command Create(GlobalOptions global)
    {
        Argument<string> database = DbCommand.DatabaseArgument();
        var output = new Argument<string>("OUT.npy") { Description = "The NumPy file to write; the metadata goes to OUT.tsv beside it." };
        var where = new Option<string?>("--where") { Description = "Export only the rows that meet this condition.", HelpName = "EXPR" };
        var command = new Command("export", "Write vectors to a NumPy file, keys and metadata to a table.") { database, output, where };
        command.SetAction((parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            Run(session, DatabasePath.Find(parse.GetValue(database)!), parse.GetValue(output)!, parse.GetValue(where), cancellationToken);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static void Run(Session session, string database, string output, string? where, CancellationToken cancellationToken)
    {
        if (!output.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"the output of an export is named *.npy, not {output}.");
        }

        using VectorCollection collection = VectorCollection.Open(database);
        CollectionInfo info = collection.Info;
        Filter? filter = where is null ? null : WhereExpression.Parse(where, info.Columns);
        string table = Path.ChangeExtension(output, ".tsv");
        using var vectors = new AtomicFile(output);
        using var rows = new AtomicFile(table);
        var npy = new NpyWriter(vectors.Stream, info.Dimension);
        rows.Writer.WriteLine(string.Join('\t', (IEnumerable<string>)["key", MetadataTable.PartitionColumn, .. info.Columns.Select(column => column.Name)]));
        using (var progress = new ProgressLine(session, "export"))
        {
            foreach (VectorEntry entry in collection.ReadAll(filter))
            {
                cancellationToken.ThrowIfCancellationRequested();
                npy.Write(entry.Vector.Span);
                rows.Writer.WriteLine(Row(entry, info.Columns));
                progress.Report(npy.Rows, info.Count == 0 ? null : (double)npy.Rows / info.Count, info.Count, skipped: 0);
            }
        }

        npy.Finish();
        rows.Complete();
        vectors.Complete();
        new RunManifest()
            .With("model", ("name", info.ModelName), ("fingerprint", info.Model))
            .With("database", ("path", database), ("hash", VectorCollection.ContentHash(database)), ("count", info.Count), ("generation", info.Generation))
            .With("parameters", ("where", where))
            .With("counts", ("rows", npy.Rows))
            .Write(output, "db export", session.Started);
        session.Messages.Info(string.Create(CultureInfo.InvariantCulture, $"{npy.Rows:N0} vectors written to {output}, keys and metadata to {table}"));
    }

    private static string Row(VectorEntry entry, IReadOnlyList<ColumnDefinition> columns)
    {
        IEnumerable<string> cells = columns.Select(column =>
            entry.Metadata.TryGetValue(column.Name, out MetadataValue value) ? Cell.Of(value).ToTsv() : "");
        return string.Join('\t', (IEnumerable<string>)[Cell.Of(entry.Key).ToTsv(), entry.Partition, .. cells]);
    }
}
