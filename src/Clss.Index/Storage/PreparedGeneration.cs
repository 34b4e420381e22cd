namespace Clss.Index.Storage;

/// <summary>A generation that lies on disk beside the current one, with its log, and is not named by the manifest yet.</summary>
internal sealed class PreparedGeneration
{
    public PreparedGeneration(Manifest manifest, LogWriter log, RowSet rows)
    {
        Manifest = manifest;
        Log = log;
        Rows = rows;
    }

    public Manifest Manifest { get; }

    public LogWriter Log { get; }

    public RowSet Rows { get; }

    /// <summary>Commits changes to its log that were committed to the log before it, and makes them.</summary>
    public void Follow(IReadOnlyList<LogChange> changes, RecentView recent)
    {
        Log.Commit(changes, recent);
        foreach (LogChange change in changes)
        {
            switch (change)
            {
                case LogChange.Upsert upsert:
                    int row = upsert.RecentRow;
                    Rows.Upsert(recent.PartitionNames[recent.Partition(row)], recent.Key(row), recent.Vector(row), recent.Metadata(row));
                    break;
                case LogChange.Delete delete:
                    Rows.Remove(Rows.Find(delete.Key, Rows.PartitionId(delete.Partition)));
                    break;
                case LogChange.AddColumns add:
                    Rows.AddColumns(add.Columns);
                    break;
            }
        }
    }

    /// <summary>Closes its files and lets go of the rows.</summary>
    public void Close()
    {
        Log.Dispose();
        Rows.Dispose();
    }
}
