using Spectre.Console;

namespace Clss.Cli.Output;

/// <summary>Hits as a table for people: a few columns, fitted to the terminal.</summary>
internal static class HitTable
{
    // Wide enough for names on a pipe, where there is no terminal to ask.
    private const int PipeWidth = 120;

    /// <summary>Writes rows under headings to <paramref name="writer"/>.</summary>
    public static void Write(TextWriter writer, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PipeWidth;
        }

        var table = new Table().Border(TableBorder.Simple);
        foreach (string heading in headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)));
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)).ToArray());
        }

        console.Write(table);
    }
}
