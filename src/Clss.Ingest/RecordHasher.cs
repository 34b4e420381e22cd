using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Clss.Ingest;

/// <summary>Remembers which keys came before, and a running digest by which a resumed run knows that it reads the same records.</summary>
internal sealed class RecordHasher : IDisposable
{
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Dictionary<UInt128, Seen> _seen = [];
    private byte[] _bytes = new byte[4096];

    /// <summary>The digest of all records added so far.</summary>
    public string Digest => Convert.ToHexStringLower(_digest.GetCurrentHash());

    /// <summary>Adds a record to the digest. With <paramref name="uniqueKeys"/>, returns why it is not taken when its key came before.</summary>
    public RejectedRecord? Add(DomainRecord record, bool uniqueKeys)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Hash(record.Key, hash);
        var key = new UInt128(BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]));
        _digest.AppendData(hash);
        Hash(record.Sequence.Residues, hash);
        ulong content = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        _digest.AppendData(hash);
        if (record.Backbone is { } backbone)
        {
            SHA256.HashData(MemoryMarshal.AsBytes(backbone.Coordinates.Span), hash);
            content ^= BinaryPrimitives.ReadUInt64LittleEndian(hash);
            _digest.AppendData(hash);
        }

        if (!uniqueKeys || _seen.TryAdd(key, new Seen(content, record.Source, record.Line)))
        {
            return null;
        }

        Seen first = _seen[key];
        bool same = first.Content == content;
        return new RejectedRecord(
            record.Source,
            record.Line,
            record.Key,
            same ? RejectionReasons.DuplicateRecord : RejectionReasons.DuplicateId,
            $"first seen at {first.Source}({first.Line}) with {(same ? "the same" : "another")} {(record.Backbone is null ? "sequence" : "structure")}");
    }

    public void Dispose() => _digest.Dispose();

    private void Hash(string text, Span<byte> hash)
    {
        int length = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (length > _bytes.Length)
        {
            _bytes = new byte[length];
        }

        SHA256.HashData(_bytes.AsSpan(0, Encoding.UTF8.GetBytes(text, _bytes)), hash);
    }

    private readonly record struct Seen(ulong Content, string Source, long Line);
}
