using System.Text.Json;
using Clss.Index;
using Clss.Query;

namespace Clss.Cli.Output;

/// <summary>
/// A search result kept whole, in a folder, for <c>clss convertalis</c>: <c>hits.jsonl</c> with every column, <c>columns.tsv</c> with their
/// order, <c>manifest.json</c>. It is written beside its place and moved there when complete.
/// </summary>
internal sealed class ResultDatabase : IHitWriter
{
    public const string HitsFile = "hits.jsonl";
    public const string ColumnsFile = "columns.tsv";
    public const string ManifestFile = "manifest.json";

    private readonly string _target;
    private readonly string _temporary;
    private readonly JsonHitWriter _hits;
    private bool _complete;

    public ResultDatabase(string path, IReadOnlyList<HitColumn> columns)
    {
        _target = Path.GetFullPath(path);
        if (File.Exists(_target) || (Directory.Exists(_target) && !IsAt(_target) && Directory.EnumerateFileSystemEntries(_target).Any()))
        {
            throw new IOException($"{path} exists and is no result database; it is left as it is. Name another output.");
        }

        _temporary = $"{_target}.{Environment.ProcessId}.partial";
        Directory.CreateDirectory(_temporary);
        File.WriteAllLines(Path.Combine(_temporary, ColumnsFile), columns.Select(column => column.Name));
        _hits = new JsonHitWriter(Path.Combine(_temporary, HitsFile), columns);
    }

    /// <summary>Whether a folder is a result database.</summary>
    public static bool IsAt(string path) =>
        File.Exists(Path.Combine(path, HitsFile)) && File.Exists(Path.Combine(path, ColumnsFile));

    public void Write(QueryResult result) => _hits.Write(result);

    public void Complete()
    {
        _hits.Complete();
        string? old = null;
        if (Directory.Exists(_target))
        {
            old = $"{_target}.{Environment.ProcessId}.old";
            Directory.Move(_target, old);
        }

        Directory.Move(_temporary, _target);
        _complete = true;
        if (old is not null)
        {
            Directory.Delete(old, recursive: true);
        }
    }

    public void Dispose()
    {
        _hits.Dispose();
        if (!_complete)
        {
            Directory.Delete(_temporary, recursive: true);
        }
    }
}
