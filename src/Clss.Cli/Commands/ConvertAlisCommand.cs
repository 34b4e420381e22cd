using System.CommandLine;
using System.Text.Json;
using Clss.Cli.Output;

namespace Clss.Cli.Commands;

/// <summary><c>clss convertalis RESULTS OUT</c>: a result database as a table of any of its columns.</summary>
internal static class ConvertAlisCommand
{
    public static Command Create(GlobalOptions global)
    {
        var results = new Argument<string>("RESULTS") { Description = "A result database: the folder that 'clss search' writes when its output has no extension." };
        var output = new Argument<string>("OUT") { Description = "The table to write; - is standard output." };
        var format = new TableFormatOptions();
        var command = new Command("convertalis") { results, output };
        format.AddTo(command);
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            Run(session, parse.GetValue(results)!, parse.GetValue(output)!, format.Read(parse));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Run(Session session, string results, string output, TableFormat format)
    {
        if (!ResultDatabase.IsAt(results))
        {
            throw new UsageException($"{results} is no result database. 'clss search QUERY DB NAME' writes one when NAME has no extension.");
        }

        string[] columns = File.ReadAllLines(Path.Combine(results, ResultDatabase.ColumnsFile));
        string[] chosen = format.Columns is null ? columns : Choose(format.Columns, columns);
        using var file = new AtomicFile(output);
        if (session.Json)
        {
            CopyJson(results, chosen, file.Writer);
        }
        else
        {
            WriteTable(results, chosen, format.HasHeader(output), file.Writer);
        }

        file.Complete();
        string source = Path.Combine(results, ResultDatabase.ManifestFile);
        if (output != "-" && File.Exists(source))
        {
            File.Copy(source, output + ".manifest.json", overwrite: true);
        }
    }

    private static string[] Choose(string list, string[] columns)
    {
        string[] names = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (string name in names)
        {
            if (!columns.Contains(name))
            {
                string? near = Suggestion.Nearest(name, columns);
                throw new UsageException($"--format-output: the result database has no column '{name}'.{(near is null ? "" : $" Did you mean '{near}'?")} Available: {string.Join(", ", columns)}.");
            }
        }

        return names.Length > 0 ? names : throw new UsageException("--format-output names no column.");
    }

    private static void WriteTable(string results, string[] columns, bool header, TextWriter writer)
    {
        if (header)
        {
            writer.WriteLine(string.Join('\t', columns));
        }

        foreach (JsonDocument document in Hits(results))
        {
            writer.WriteLine(string.Join('\t', columns.Select(column => Text(document.RootElement.GetProperty(column)))));
        }
    }

    private static void CopyJson(string results, string[] columns, TextWriter writer)
    {
        foreach (JsonDocument document in Hits(results))
        {
            IEnumerable<string> fields = columns.Select(column =>
                $"\"{JsonEncodedText.Encode(column)}\":{document.RootElement.GetProperty(column).GetRawText()}");
            writer.WriteLine($"{{\"schema\":\"{JsonHitWriter.Schema}\",{string.Join(',', fields)}}}");
        }
    }

    private static IEnumerable<JsonDocument> Hits(string results)
    {
        string path = Path.Combine(results, ResultDatabase.HitsFile);
        long line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            JsonDocument document;
            try
            {
                document = JsonDocument.Parse(text);
            }
            catch (JsonException exception)
            {
                throw new IOException($"{path}({line}): not a JSON object; the result database is damaged. Search again.", exception);
            }

            using (document)
            {
                yield return document;
            }
        }
    }

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => "",
        JsonValueKind.String => Cell.Of(value.GetString()!).ToTsv(),
        JsonValueKind.Array => string.Join(';', value.EnumerateArray().Select(item => Cell.Of(item.GetString()!).ToTsv())),
        _ => value.GetRawText(),
    };
}
