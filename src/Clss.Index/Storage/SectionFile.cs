namespace Clss.Index.Storage;

/// <summary>A mapped file of sections, found by kind and column. Opening reads the headers only, not the payloads.</summary>
internal sealed unsafe class SectionFile : IDisposable
{
    // Far above any real schema; a file of nothing but headers must not cost unbounded memory.
    private const int MaximumSections = 1 << 20;

    private readonly MappedFile _mapped;
    private readonly Dictionary<(SectionKind Kind, int Item), Section> _sections = [];

    private SectionFile(string path, MappedFile mapped, long generation)
    {
        Path = path;
        _mapped = mapped;
        long offset = 0;
        while (offset < mapped.Length)
        {
            long available = mapped.Length - offset;
            SectionHeader header = SectionHeader.Read(new ReadOnlySpan<byte>(mapped.Pointer + offset, (int)Math.Min(available, SectionHeader.Size)), path, offset);
            var section = new Section(path, header, mapped.Pointer + offset + SectionHeader.Size);
            if (header.Generation != generation)
            {
                throw section.Corrupt($"Expected generation {generation}, found {header.Generation}.");
            }

            if (header.PayloadLength > available - SectionHeader.Size)
            {
                throw section.Corrupt($"The payload of {header.PayloadLength} bytes ends after the file.");
            }

            if (!_sections.TryAdd((header.Kind, header.Item), section) || _sections.Count > MaximumSections)
            {
                throw section.Corrupt("The section occurs twice, or there are too many sections.");
            }

            offset += SectionHeader.Size + PaddedLength(header.PayloadLength);
        }

        if (offset != mapped.Length)
        {
            throw new CorruptCollectionException(path, "length", $"The last section ends at byte {offset}, the file at {mapped.Length}.");
        }
    }

    public string Path { get; }

    public long Length => _mapped.Length;

    public IReadOnlyCollection<Section> Sections => _sections.Values;

    public static SectionFile Open(string path, long expectedLength, long generation)
    {
        MappedFile mapped = MappedFile.Open(path, expectedLength);
        try
        {
            return new SectionFile(path, mapped, generation);
        }
        catch
        {
            mapped.Dispose();
            throw;
        }
    }

    /// <summary>The payload's length with its padding; saturates instead of overflowing.</summary>
    public static long PaddedLength(long payload) =>
        payload > long.MaxValue - SectionHeader.Alignment ? payload : (payload + SectionHeader.Alignment - 1) & -SectionHeader.Alignment;

    public Section? Find(SectionKind kind, int item = 0) => _sections.GetValueOrDefault((kind, item));

    public Section Get(SectionKind kind, int item = 0) =>
        Find(kind, item) ?? throw new CorruptCollectionException(Path, new SectionHeader { Kind = kind, Item = item }.Name, "The section is missing.");

    public void Dispose() => _mapped.Dispose();
}
