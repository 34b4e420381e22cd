namespace Clss.Ingest.Archives;

/// <summary>One file in an archive. Its name is a label, never a path on disk: nothing is unpacked.</summary>
/// <param name="Name">As the archive has it, control characters replaced.</param>
/// <param name="Content">Its bytes, to be read before the next entry is asked for.</param>
/// <param name="PackedLength">How many bytes it takes in the archive; -1 when the archive is compressed as a whole.</param>
internal sealed record ArchiveEntry(string Name, Stream Content, long PackedLength)
{
    public static string CleanName(string name) => string.Concat(name.Select(letter => char.IsControl(letter) ? '_' : letter));
}
