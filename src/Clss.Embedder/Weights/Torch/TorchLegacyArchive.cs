using System.Buffers.Binary;

namespace Clss.Embedder.Weights.Torch;

/// <summary>
/// The form of torch before 1.6: five pickles (magic number, protocol, system, object, storage keys), then each storage
/// as its count of elements and its bytes. Layout: _legacy_load in torch/serialization.py. The form has no checksums.
/// </summary>
internal sealed class TorchLegacyArchive : TorchArchive
{
    private const long ProtocolVersion = 1001;

    /// <summary>The pickles come first; a pickle takes about 200 bytes per tensor.</summary>
    private const long MaxPickleBytes = 1 << 25;

    /// <summary>0x1950A86A20F9469CFC6C, little-endian.</summary>
    private const string MagicNumber = "6CFC9C46F9206AA85019";

    private readonly ByteSource _source;
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchStorage> _storages;

    public TorchLegacyArchive(ByteSource source)
    {
        _source = source;
        var start = new byte[(int)Math.Min(source.Length, MaxPickleBytes)];
        source.Read(0, start);
        ReadOnlySpan<byte> rest = start;
        if (Next(ref rest, "magic number", out _) is not PickleBigInteger { Hexadecimal: MagicNumber })
        {
            throw new WeightFormatException(
                $"{source.Name} is a pickle, but not one that torch.save wrote (its magic number is absent). Load it in Python and save it again with torch.save.");
        }

        if (Next(ref rest, "protocol version", out _) is not ProtocolVersion)
        {
            throw Damaged($"its protocol version is not {ProtocolVersion}");
        }

        CheckSystem(Next(ref rest, "system", out _));
        Root = Next(ref rest, "object", out Dictionary<string, TorchStorage> storages);
        _storages = storages;
        if (Next(ref rest, "storage keys", out _) is not PickleList keys)
        {
            throw Damaged("its list of storages is absent");
        }

        LocateStorages(keys, start.Length - rest.Length);
    }

    public override object? Root { get; }

    public override void Verify(TorchStorage storage)
    {
        if (!_offsets.ContainsKey(storage.Key))
        {
            throw Damaged($"storage '{storage.Key}' is not in the file's list of storages");
        }
    }

    public override long? Offset(TorchStorage storage)
    {
        Verify(storage);
        return _offsets[storage.Key];
    }

    public override Stream OpenStorage(TorchStorage storage) =>
        new SectionStream(_source, _offsets[storage.Key], (long)storage.Bytes);

    private object? Next(ref ReadOnlySpan<byte> rest, string part, out Dictionary<string, TorchStorage> storages)
    {
        object? value = PickleReader.Read(rest, $"{_source.Name}, {part}", out int consumed, out storages);
        rest = rest[consumed..];
        return value;
    }

    private void CheckSystem(object? system)
    {
        if (system is not PickleDict dict || !dict.TryGet("little_endian", out object? littleEndian))
        {
            throw Damaged("its description of the system is absent");
        }

        if (littleEndian is not true)
        {
            throw Damaged("it is big-endian, and only little-endian checkpoints are read; save it again on a PC");
        }
    }

    private void LocateStorages(PickleList keys, long position)
    {
        Span<byte> countBytes = stackalloc byte[sizeof(long)];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !_storages.TryGetValue(key, out TorchStorage? storage))
            {
                throw Damaged($"its list of storages names '{item}', which no tensor uses, so its size is not known");
            }

            _source.Read(position, countBytes);
            position += countBytes.Length;
            long count = BinaryPrimitives.ReadInt64LittleEndian(countBytes);
            if (count != storage.Count)
            {
                throw Damaged($"storage '{key}' has {count} elements, the pickle announces {storage.Count}");
            }

            if (storage.Bytes > _source.Length - position)
            {
                throw Damaged($"storage '{key}' of {storage.Bytes} bytes begins at offset {position}, and the file has {_source.Length}: it is cut off. Download or copy it again");
            }

            if (!_offsets.TryAdd(key, position))
            {
                throw Damaged($"its list of storages names '{key}' twice");
            }

            position += (long)storage.Bytes;
        }
    }

    private WeightFormatException Damaged(string what) => new($"{_source.Name}: {what}.");
}
