using Clss.Index.Hnsw;

namespace Clss.Index.Storage;

/// <summary>Reads all files of a collection and lists what is damaged.</summary>
internal sealed unsafe class CollectionVerifier
{
    // Checksums are taken over pieces: a span holds at most 2^31 bytes.
    private const long PieceBytes = 1 << 26;

    private const int MarkAttempts = 2;
    private const int ManifestAttempts = 5;
    private const int MarkPause = 1;

    private readonly string _directory;
    private readonly List<Damage> _damages = [];
    private readonly List<string> _files = [];
    private long _bytes;

    public CollectionVerifier(string directory) => _directory = directory;

    public VerifyReport Run()
    {
        VerifyReport report = RunOnce(out Manifest? manifest);
        for (int attempt = 0; attempt < ManifestAttempts && !report.IsIntact && manifest is not null && Manifest.Read(_directory) != manifest; attempt++)
        {
            // A writer replaced the generation meanwhile; what is missing now was current then.
            report = RunOnce(out manifest);
        }

        return report;
    }

    private VerifyReport RunOnce(out Manifest? current)
    {
        _damages.Clear();
        _files.Clear();
        _bytes = 0;
        string path = Path.Combine(_directory, Manifest.FileName);
        if (!File.Exists(path))
        {
            throw new ClssIndexException($"{_directory}: there is no collection here (no {Manifest.FileName}).");
        }

        Manifest? manifest = null;
        Check(Manifest.FileName, () => manifest = Manifest.Read(_directory));
        _bytes += new FileInfo(path).Length;
        if (manifest is not null)
        {
            Generation? generation = null;
            Check(manifest.RowsFile, () => CheckSections(manifest));
            int before = _damages.Count;
            Check(manifest.RowsFile, () => generation = Generation.Open(_directory, manifest));
            using (generation)
            {
                if (generation is not null && before == _damages.Count)
                {
                    Check(manifest.RowsFile, () => CheckContents(generation));
                }

                Check(manifest.LogFile, () => CheckLog(manifest, _damages.Count == 0 ? generation : null));
            }
        }

        current = manifest;
        return new VerifyReport([.. _damages.Distinct()], [.. _files], _bytes);
    }

    private void Check(string file, Action action)
    {
        if (!_files.Contains(file))
        {
            _files.Add(file);
        }

        try
        {
            action();
        }
        catch (CorruptCollectionException e)
        {
            _damages.Add(new Damage(file, e.Section, e.Problem));
        }
        catch (FileNotFoundException)
        {
            _damages.Add(new Damage(file, "file", "The file is missing."));
        }
    }

    private void CheckSections(Manifest manifest)
    {
        using SectionFile file = SectionFile.Open(Path.Combine(_directory, manifest.RowsFile), manifest.RowsBytes, manifest.Generation);
        _bytes += file.Length;
        foreach (Section section in file.Sections)
        {
            uint checksum = 0;
            for (long offset = 0; offset < section.Length; offset += PieceBytes)
            {
                checksum = Crc32C.Append(checksum, section.Bytes(offset, Math.Min(section.Length, offset + PieceBytes)));
            }

            if (checksum != section.Header.PayloadChecksum)
            {
                _damages.Add(new Damage(manifest.RowsFile, section.Header.Name, $"Expected the checksum {section.Header.PayloadChecksum:x8}, found {checksum:x8}."));
            }

            int padding = (int)(SectionFile.PaddedLength(section.Length) - section.Length);
            if (new ReadOnlySpan<byte>(section.Payload + section.Length, padding).ContainsAnyExcept((byte)0))
            {
                _damages.Add(new Damage(manifest.RowsFile, section.Header.Name, "The padding after the payload is not zero."));
            }
        }
    }

    private static void CheckContents(Generation generation)
    {
        generation.CheckKeyTable();
        generation.CheckWriteOrder();
        for (int partition = 0; partition < generation.Schema.Partitions.Count; partition++)
        {
            if (generation.Graph(partition) is HnswGraph graph)
            {
                GraphFile.Verify(graph);
            }
        }

        for (int row = 0; row < generation.Rows; row++)
        {
            _ = generation.Key(row);
        }

        for (int column = 0; column < generation.Schema.Columns.Count; column++)
        {
            generation.Column(column)?.Check();
        }
    }

    /// <summary>Opens the log; a mark that cannot be read may be one that is just being written, and is read again before it counts as damaged.</summary>
    private static LogReader OpenLog(string path, long generation)
    {
        LogReader reader = LogReader.Open(path, generation);
        for (int attempt = 0; attempt < MarkAttempts && reader.Marks.Contains(null); attempt++)
        {
            reader.Dispose();
            Thread.Sleep(MarkPause);
            reader = LogReader.Open(path, generation);
        }

        return reader;
    }

    private void CheckLog(Manifest manifest, Generation? generation)
    {
        using LogReader reader = OpenLog(Path.Combine(_directory, manifest.LogFile), manifest.Generation);
        _bytes += reader.FileLength;
        for (int i = 0; i < CommitMark.Marks; i++)
        {
            if (reader.Marks[i] is null)
            {
                _damages.Add(new Damage(manifest.LogFile, $"commit mark {i}", "Its checksum does not match."));
            }
        }

        if (generation is not null)
        {
            // A second mapping, because the rows own the generation that they are given.
            using var rows = new RowSet(Generation.Open(_directory, manifest));
            reader.Apply(rows);
        }
    }
}
