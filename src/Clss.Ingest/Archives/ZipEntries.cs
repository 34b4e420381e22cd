using System.IO.Compression;
using Clss.Ingest.Sources;

namespace Clss.Ingest.Archives;

/// <summary>Reads the files of a zip archive, in the order of its directory.</summary>
internal static class ZipEntries
{
    public static IEnumerable<ArchiveEntry> Read(Stream seekable, string source)
    {
        using ZipArchive archive = Open(seekable, source);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.FullName.EndsWith('/') || entry.FullName.EndsWith('\\'))
            {
                continue;
            }

            string name = ArchiveEntry.CleanName(entry.FullName);
            using Stream content = new GuardedStream(new LateStream(entry), $"{source}/{name}", "zip");
            yield return new ArchiveEntry(name, content, entry.CompressedLength);
        }
    }

    private static ZipArchive Open(Stream seekable, string source)
    {
        try
        {
            var archive = new ZipArchive(seekable, ZipArchiveMode.Read, leaveOpen: true);

            // The directory is read on first use.
            return archive.Entries.Count >= 0 ? archive : throw new InvalidDataException();
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or ArgumentException or NotSupportedException or OverflowException)
        {
            throw new ClssIngestException($"{source}: the zip archive is damaged or cut off ({exception.Message.TrimEnd('.')}). Fetch or copy it again.", exception);
        }
    }

    /// <summary>Opens an entry when it is first read, so that an entry that cannot be opened is an error of its own.</summary>
    private sealed class LateStream : ReadOnlyStream
    {
        private readonly ZipArchiveEntry _entry;
        private Stream? _stream;

        public LateStream(ZipArchiveEntry entry) => _entry = entry;

        public override int Read(Span<byte> buffer) => (_stream ??= _entry.Open()).Read(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _stream?.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
