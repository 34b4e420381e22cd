using System.CommandLine;
using System.CommandLine.Parsing;
using Clss.Index;
using Clss.Index.Hnsw;

namespace Clss.Cli.Commands;

/// <summary><c>--index</c> and what belongs to one kind of index only: the index of a database to make.</summary>
internal sealed class IndexOptionSet
{
    private readonly Option<string> _kind = new("--index")
    {
        Description = "How the database is searched: exact (every row is compared), cells, hnsw (a graph), or auto (by the number of rows; 'clss db info' says why).",
        HelpName = "auto|exact|cells|hnsw",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<int?> _rowsPerCell = new("--rows-per-cell")
    {
        Description = "Rows in a cell on average (default: by the number of rows).",
        HelpName = "N",
    };

    private readonly Option<int?> _m = new("--m")
    {
        Description = $"Links of a row in a graph, 2 to {HnswParameters.MaximumM} (default: {new HnswParameters().M}).",
        HelpName = "M",
    };

    private readonly Option<int?> _efConstruction = new("--ef-construction")
    {
        Description = $"Candidates among which a row's links are chosen, at least --m (default: {new HnswParameters().EfConstruction}).",
        HelpName = "N",
    };

    public IndexOptionSet()
    {
        _kind.Validators.Add(result => GlobalOptions.Require(
            KindOf(result.GetValueOrDefault<string>()) is not null, result, "--index wants auto, exact, cells or hnsw."));
        _rowsPerCell.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<int?>() is null or >= 1 and <= CellParameters.MaximumRowsPerCell, result, $"--rows-per-cell wants 1 to {CellParameters.MaximumRowsPerCell}."));
        _m.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<int?>() is null or >= 2 and <= HnswParameters.MaximumM, result, $"--m wants 2 to {HnswParameters.MaximumM}."));
        _efConstruction.Validators.Add(result => GlobalOptions.Require(
            result.GetValueOrDefault<int?>() is null or >= 1 and <= HnswParameters.MaximumEfConstruction, result, $"--ef-construction wants 1 to {HnswParameters.MaximumEfConstruction}."));
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_kind, _rowsPerCell, _m, _efConstruction])
        {
            command.Options.Add(option);
        }

        command.Validators.Add(RequireMeaning);
    }

    public IndexOptions Read(ParseResult parse) => new()
    {
        Kind = KindOf(parse.GetValue(_kind)) ?? IndexKind.Auto,
        Cells = new CellParameters { RowsPerCell = parse.GetValue(_rowsPerCell) ?? 0 },
        Hnsw = Graph(parse.GetValue(_m), parse.GetValue(_efConstruction)),
    };

    /// <summary>Each option goes with the indexes that it says something about.</summary>
    private void RequireMeaning(CommandResult result)
    {
        // While validators run, an option that is not given has no value yet.
        string name = result.GetValue(_kind) ?? "auto";
        IndexKind? kind = KindOf(name);
        int? m = result.GetValue(_m);
        int? efConstruction = result.GetValue(_efConstruction);
        GlobalOptions.Require(
            kind is not (IndexKind.Exact or IndexKind.Hnsw) || result.GetValue(_rowsPerCell) is null, result, $"--rows-per-cell has no meaning with --index {name}, which makes no cells.");
        GlobalOptions.Require(kind is IndexKind.Hnsw or null || m is null, result, $"--m has no meaning with --index {name}, which makes no graph.");
        GlobalOptions.Require(kind is IndexKind.Hnsw or null || efConstruction is null, result, $"--ef-construction has no meaning with --index {name}, which makes no graph.");
        HnswParameters graph = Graph(m, efConstruction);
        GlobalOptions.Require(efConstruction < 1 || graph.EfConstruction >= graph.M, result, $"--ef-construction is {graph.EfConstruction}; it wants at least the links of a row (--m), {graph.M}.");
    }

    private static HnswParameters Graph(int? m, int? efConstruction)
    {
        var defaults = new HnswParameters();
        return defaults with { M = m ?? defaults.M, EfConstruction = efConstruction ?? defaults.EfConstruction };
    }

    private static IndexKind? KindOf(string? name) => name switch
    {
        "auto" => IndexKind.Auto,
        "exact" => IndexKind.Exact,
        "cells" => IndexKind.Cells,
        "hnsw" => IndexKind.Hnsw,
        _ => null,
    };
}
