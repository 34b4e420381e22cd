using System.Globalization;
using System.Text;

namespace Clss.Query.Evaluation;

/// <summary>The table of a folder of labelled domains: tab-separated, one header line.</summary>
internal sealed class DomainTable
{
    // Titin has 35,000 residues; its domains, and those of every classification, are far shorter.
    private const int MaxResidues = 20_000;

    // A file of coordinates beyond this has 26 TB.
    private const long MaxFirstResidue = 1L << 40;

    private readonly string _path;
    private readonly string[] _columns;
    private readonly int _id;
    private readonly int _sequence;
    private readonly int _firstResidue;
    private readonly int _resolved;
    private readonly DomainLabels _labels;
    private readonly List<DomainRow> _rows = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    private DomainTable(string path, string[] columns)
    {
        _path = path;
        _columns = columns;
        _id = Find("id", "ecod_domain_id");
        _labels = DomainLabels.Choose(columns)
            ?? throw Missing($"no labels: expected 'superfamily' and 'fold', or 'sccs' (class.fold.superfamily.family), or 'f_id' (X.H.T.F of ECOD)");
        _sequence = Find("resolved_seq");
        _firstResidue = Find("first_residue");
        _resolved = Find("resolved");
    }

    /// <summary>The rows with coordinates, each identifier once.</summary>
    public IReadOnlyList<DomainRow> Rows => _rows;

    /// <summary>Rows without coordinates.</summary>
    public int WithoutCoordinates { get; private set; }

    /// <summary>Rows whose identifier a row before has.</summary>
    public int Repeated { get; private set; }

    public static DomainTable Read(string path)
    {
        using var reader = new StreamReader(path, Encoding.UTF8);
        string? header = reader.ReadLine();
        if (string.IsNullOrEmpty(header))
        {
            throw new ClssQueryException($"{path}: the table is empty. Expected a header line with the names of the columns.");
        }

        var table = new DomainTable(path, header.Split('\t'));
        int line = 1;
        while (reader.ReadLine() is { } text)
        {
            line++;
            if (text.Length > 0)
            {
                table.Add(text.Split('\t'), line);
            }
        }

        return table._rows.Count > 0 ? table : throw new ClssQueryException($"{path}: none of its {line - 1:N0} rows is a domain with coordinates ('resolved' above 0).");
    }

    private void Add(string[] cells, int line)
    {
        if (cells.Length != _columns.Length)
        {
            throw Fault(line, $"{cells.Length} cells, but the header names {_columns.Length} columns. Cells are separated by tabs.");
        }

        string id = cells[_id];
        if (id.Length == 0)
        {
            throw Fault(line, $"the identifier (column '{_columns[_id]}') is empty.");
        }

        long resolved = Number(cells, _resolved, line, MaxResidues);
        string sequence = cells[_sequence];
        if (resolved != sequence.Length)
        {
            throw Fault(line, $"{id}: 'resolved' says {resolved} residues, 'resolved_seq' has {sequence.Length}. They must be the same.");
        }

        if (resolved == 0)
        {
            WithoutCoordinates++;
            return;
        }

        if (!_ids.Add(id))
        {
            Repeated++;
            return;
        }

        int odd = sequence.AsSpan().IndexOfAnyExceptInRange('A', 'Z');
        if (odd >= 0)
        {
            throw Fault(line, $"{id}: residue {odd + 1} of 'resolved_seq' is '{sequence[odd]}'; expected one-letter codes A to Z.");
        }

        (string superfamily, string fold) = _labels.Of(cells) ?? throw Fault(line, $"{id}: {_labels.Expectation}");
        _rows.Add(new DomainRow(line, id, superfamily, fold, sequence, Number(cells, _firstResidue, line, MaxFirstResidue)));
    }

    private long Number(string[] cells, int column, int line, long most) =>
        long.TryParse(cells[column], NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= most
            ? value
            : throw Fault(line, $"'{_columns[column]}' is '{Shorten(cells[column])}'; expected a whole number from 0 to {most}.");

    private int Find(params string[] names)
    {
        foreach (string name in names)
        {
            int column = Array.IndexOf(_columns, name);
            if (column >= 0)
            {
                return column;
            }
        }

        throw Missing($"no column '{string.Join("' or '", names)}'");
    }

    private ClssQueryException Missing(string what) =>
        new($"{_path}(1): {what}. Found: {Shorten(string.Join(", ", _columns))}. docs/evaluation.md describes the table.");

    private ClssQueryException Fault(int line, string what) => new($"{_path}({line}): {what}");

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "...";
}
