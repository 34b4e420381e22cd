using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace Clss.Embedder.Weights.Torch;

/// <summary>
/// The zip form: <c>NAME/data.pkl</c>, one entry <c>NAME/data/KEY</c> per storage, and small entries such as <c>byteorder</c>.
/// Layout: torch/serialization.py and caffe2/serialize/inline_container.cc.
/// </summary>
internal sealed class TorchZipArchive : TorchArchive
{
    /// <summary>A pickle takes about 200 bytes per tensor.</summary>
    private const long MaxPickleBytes = 1 << 25;

    private const long MaxByteOrderBytes = 16;
    private const int LocalHeaderBytes = 30;
    private const string PickleName = "data.pkl";

    private readonly ByteSource _source;
    private readonly Dictionary<string, ZipEntry> _entries;
    private readonly string _folder;
    private readonly HashSet<string> _verified = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public TorchZipArchive(ByteSource source)
    {
        _source = source;
        _entries = ZipDirectory.Read(source);
        _folder = FindFolder();
        CheckByteOrder();
        ZipEntry pickle = _entries[_folder + PickleName];
        Root = PickleReader.Read(ReadWhole(pickle, MaxPickleBytes), $"{source.Name}, {pickle.Name}", out _, out _);
    }

    public override object? Root { get; }

    private static ReadOnlySpan<byte> LocalHeaderSignature => "PK\u0003\u0004"u8;

    public override void Verify(TorchStorage storage)
    {
        ZipEntry entry = Find(storage);
        lock (_lock)
        {
            if (_verified.Contains(entry.Name))
            {
                return;
            }
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(WeightConversion.ChunkBytes);
        try
        {
            using Stream content = OpenContent(entry);
            uint checksum = 0;
            for (long left = entry.Bytes; left > 0;)
            {
                int count = (int)Math.Min(left, buffer.Length);
                Fill(content, buffer.AsSpan(0, count), Place(entry));
                checksum = Crc32.Append(checksum, buffer.AsSpan(0, count));
                left -= count;
            }

            CheckChecksum(entry, checksum);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        lock (_lock)
        {
            _verified.Add(entry.Name);
        }
    }

    public override long? Offset(TorchStorage storage)
    {
        ZipEntry entry = Find(storage);
        return entry.Deflated ? null : DataOffset(entry);
    }

    public override Stream OpenStorage(TorchStorage storage) => OpenContent(Find(storage));

    private ZipEntry Find(TorchStorage storage)
    {
        string name = $"{_folder}data/{storage.Key}";
        if (!_entries.TryGetValue(name, out ZipEntry? entry))
        {
            throw Damaged($"the pickle refers to '{name}', which the zip file lacks");
        }

        return storage.Bytes == entry.Bytes
            ? entry
            : throw Damaged($"'{name}' has {entry.Bytes} bytes, the pickle announces {storage.Bytes} ({storage.Count} elements of {storage.TypeName})");
    }

    private string FindFolder()
    {
        string? folder = null;
        foreach (string name in _entries.Keys)
        {
            int slash = name.IndexOf('/');
            if (slash < 0 || !name.AsSpan(slash + 1).SequenceEqual(PickleName))
            {
                continue;
            }

            folder = folder is null ? name[..(slash + 1)] : throw Damaged($"it holds both '{folder}{PickleName}' and '{name}'");
        }

        if (folder is null)
        {
            throw Damaged($"it is a zip file without a 'NAME/{PickleName}', so no PyTorch checkpoint; it holds {Listed()}");
        }

        return _entries.ContainsKey(folder + "constants.pkl")
            ? throw Damaged("it is a TorchScript program, not a checkpoint; save the model's state_dict() with torch.save instead")
            : folder;
    }

    private string Listed() =>
        _entries.Count == 0 ? "nothing" : string.Join(", ", _entries.Keys.Order(StringComparer.Ordinal).Take(3).Select(name => $"'{name}'"));

    private void CheckByteOrder()
    {
        if (!_entries.TryGetValue(_folder + "byteorder", out ZipEntry? entry))
        {
            return;
        }

        string order = Encoding.ASCII.GetString(ReadWhole(entry, MaxByteOrderBytes)).Trim();
        if (order != "little")
        {
            throw Damaged($"its byte order is '{order}', and only little-endian checkpoints are read; save it again on a PC");
        }
    }

    private byte[] ReadWhole(ZipEntry entry, long limit)
    {
        if (entry.Bytes > limit)
        {
            throw Damaged($"'{entry.Name}' has {entry.Bytes} bytes, at most {limit} are read");
        }

        var bytes = new byte[(int)entry.Bytes];
        using Stream content = OpenContent(entry);
        Fill(content, bytes, Place(entry));
        CheckChecksum(entry, Crc32.Append(0, bytes));
        return bytes;
    }

    private Stream OpenContent(ZipEntry entry)
    {
        var stored = new SectionStream(_source, DataOffset(entry), entry.StoredBytes);
        return entry.Deflated ? new DeflateStream(stored, CompressionMode.Decompress) : stored;
    }

    /// <summary>The local header repeats the name and has its own extra field, with which torch aligns the data.</summary>
    private long DataOffset(ZipEntry entry)
    {
        Span<byte> header = stackalloc byte[LocalHeaderBytes];
        _source.Read(entry.HeaderOffset, header);
        if (!header.StartsWith(LocalHeaderSignature))
        {
            throw Damaged($"no entry begins at offset {entry.HeaderOffset}, where '{entry.Name}' should");
        }

        int nameLength = header[26] | (header[27] << 8);
        int extraLength = header[28] | (header[29] << 8);
        long offset = entry.HeaderOffset + LocalHeaderBytes + nameLength + extraLength;
        return offset <= _source.Length - entry.StoredBytes ? offset : throw Damaged($"'{entry.Name}' reaches beyond the end of the file");
    }

    private void CheckChecksum(ZipEntry entry, uint checksum)
    {
        if (checksum != entry.Checksum)
        {
            throw Damaged($"the CRC-32 of '{entry.Name}' is {checksum:X8}, expected {entry.Checksum:X8}: the file is damaged. Download or copy it again");
        }
    }

    private string Place(ZipEntry entry) => $"{_source.Name}, {entry.Name}";

    private WeightFormatException Damaged(string what) => new($"{_source.Name}: {what}.");
}
