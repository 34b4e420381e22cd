namespace Clss.Index.Storage;

/// <summary>Loads the last commit of a collection for reading, while a writer may go on.</summary>
internal static class CollectionLoader
{
    // A reader that finds its generation replaced looks again; each attempt would need another merge in between.
    private const int Attempts = 20;

    /// <summary>Loads the last commit.</summary>
    public static (RowSet Rows, CommittedState State) Load(string directory) => Retry(directory, manifest => Load(directory, manifest, null));

    /// <summary>Loads the last commit where it is another than the one that was loaded, else returns null. A generation that is still the current one is not opened again.</summary>
    public static (RowSet Rows, CommittedState State)? LoadNewer(string directory, CommittedState loaded, Generation generation) => Retry<(RowSet, CommittedState)?>(
        directory,
        manifest =>
        {
            if (manifest != loaded.Manifest)
            {
                return Load(directory, manifest, null);
            }

            // The mark of a commit may be written after its records were read here, so an older mark is no reason to load.
            CommitMark? mark = LogReader.ReadLastMark(Path.Combine(directory, manifest.LogFile), manifest.Generation);
            bool isLoaded = mark is CommitMark last && (last.Number < loaded.Commit.Number || last == loaded.Commit);
            return isLoaded ? null : Load(directory, manifest, generation);
        });

    private static T Retry<T>(string directory, Func<Manifest, T> load)
    {
        for (int attempt = 1; ; attempt++)
        {
            var manifest = Manifest.Read(directory);
            try
            {
                return load(manifest);
            }
            catch (FileNotFoundException) when (attempt < Attempts && Manifest.Read(directory) != manifest)
            {
                // The writer replaced the generation between the reading of the manifest and that of the files it names.
            }
        }
    }

    private static (RowSet Rows, CommittedState State) Load(string directory, Manifest manifest, Generation? open)
    {
        var rows = new RowSet(open?.Hold() ?? Generation.Open(directory, manifest));
        try
        {
            using LogReader reader = LogReader.Open(Path.Combine(directory, manifest.LogFile), manifest.Generation);
            reader.Apply(rows);
            return (rows, new CommittedState(manifest, reader.Committed));
        }
        catch
        {
            rows.Dispose();
            throw;
        }
    }
}
