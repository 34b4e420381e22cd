using System.CommandLine;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>--index</c> and <c>--rows-per-cell</c>: the index of a database to make.</summary>
internal sealed class IndexOptionSet
{
    private readonly Option<string> _kind = new("--index")
    {
        Description = "How the database is searched: exact (every row is compared), cells, or auto (by the number of rows; 'clss db info' says why).",
        HelpName = "auto|exact|cells",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<int?> _rowsPerCell = new("--rows-per-cell")
    {
        Description = "Rows in a cell on average (default: by the number of rows).",
        HelpName = "N",
    };

    public IndexOptionSet()
    {
        _kind.Validators.Add(result => GlobalOptions.Require(
            KindOf(result.GetValueOrDefault<string>()) is not null, result, "--index wants auto, exact or cells."));
        _rowsPerCell.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<int?>() is null or >= 1, result, "--rows-per-cell wants 1 or more."));
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_kind);
        command.Options.Add(_rowsPerCell);
        command.Validators.Add(result => GlobalOptions.Require(
            KindOf(result.GetValue(_kind)) != IndexKind.Exact || result.GetValue(_rowsPerCell) is null, result, "--rows-per-cell has no meaning with --index exact, which makes no cells."));
    }

    public IndexOptions Read(ParseResult parse) => new()
    {
        Kind = KindOf(parse.GetValue(_kind)) ?? IndexKind.Auto,
        Cells = new CellParameters { RowsPerCell = parse.GetValue(_rowsPerCell) ?? 0 },
    };

    private static IndexKind? KindOf(string? name) => name switch
    {
        "auto" => IndexKind.Auto,
        "exact" => IndexKind.Exact,
        "cells" => IndexKind.Cells,
        _ => null,
    };
}
