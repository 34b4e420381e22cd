using Clss.Query;

namespace Clss.Cli.Output;

/// <summary>Hits as a tab-separated table, with one header line or (BLAST's m8 habit) without.</summary>
internal sealed class TsvHitWriter : IHitWriter
{
    private readonly AtomicFile _file;
    private readonly IReadOnlyList<HitColumn> _columns;

    public TsvHitWriter(string path, IReadOnlyList<HitColumn> columns, bool header)
    {
        _file = new AtomicFile(path);
        _columns = columns;
        if (header)
        {
            _file.Writer.WriteLine(string.Join('\t', columns.Select(column => column.Name)));
        }
    }

    public void Write(QueryResult result)
    {
        foreach (ProteinHit hit in result.Hits)
        {
            for (int i = 0; i < _columns.Count; i++)
            {
                if (i > 0)
                {
                    _file.Writer.Write('\t');
                }

                _file.Writer.Write(_columns[i].Value(result.Query, hit).ToTsv());
            }

            _file.Writer.WriteLine();
        }
    }

    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();
}
