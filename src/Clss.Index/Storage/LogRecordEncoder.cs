using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Clss.Index.Metadata;

namespace Clss.Index.Storage;

/// <summary>Turns changes into log records: length, checksum, body.</summary>
internal sealed class LogRecordEncoder
{
    /// <summary>Length and checksum before each body.</summary>
    public const int PrefixBytes = 8;

    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly ArrayBufferWriter<byte> _records = new();

    /// <summary>The records encoded since <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Records => _records.WrittenSpan;

    public void Clear() => _records.ResetWrittenCount();

    public void Add(LogChange change, RecentView recent)
    {
        switch (change)
        {
            case LogChange.Upsert upsert:
                AddUpsert(recent, upsert.RecentRow);
                break;
            case LogChange.Delete delete:
                Put((byte)LogRecordType.Delete);
                PutText(delete.Partition);
                PutText(delete.Key);
                break;
            case LogChange.AddColumns add:
                Put((byte)LogRecordType.AddColumns);
                Put(add.Columns.Count);
                foreach (ColumnDefinition column in add.Columns)
                {
                    PutText(column.Name);
                    Put((byte)column.Type);
                }

                break;
        }

        EndRecord();
    }

    public void AddCommit(long number)
    {
        Put((byte)LogRecordType.Commit);
        Put(number);
        EndRecord();
    }

    /// <summary>The checksum of a record: over its length and its body.</summary>
    public static uint Checksum(ReadOnlySpan<byte> length, ReadOnlySpan<byte> body) => Crc32C.Append(Crc32C.Compute(length), body);

    private void AddUpsert(RecentView recent, int row)
    {
        Put((byte)LogRecordType.Upsert);
        PutText(recent.PartitionNames[recent.Partition(row)]);
        PutText(recent.Key(row));
        _body.Write(MemoryMarshal.AsBytes(recent.Vector(row)));
        MetadataValue[] metadata = recent.Metadata(row);
        Put(metadata.Count(value => !value.IsMissing));
        for (int column = 0; column < metadata.Length; column++)
        {
            MetadataValue value = metadata[column];
            if (!value.IsMissing)
            {
                Put(column);
                PutValue(value);
            }
        }
    }

    private void PutValue(MetadataValue value)
    {
        Put((byte)value.Kind);
        switch (value.Kind)
        {
            case MetadataKind.Text:
                PutText(value.AsText());
                break;
            case MetadataKind.Integer:
                Put(value.AsInteger());
                break;
            case MetadataKind.Real:
                Put(value.AsReal());
                break;
            case MetadataKind.Flag:
                Put((byte)(value.AsFlag() ? 1 : 0));
                break;
            default:
                Put(value.AsTextList().Count);
                foreach (string text in value.AsTextList())
                {
                    PutText(text);
                }

                break;
        }
    }

    private void PutText(string text)
    {
        byte[] utf8 = TextEncoding.Encode(text);
        Put(utf8.Length);
        _body.Write(utf8);
    }

    private void Put<T>(T value)
        where T : unmanaged
    {
        _body.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)));
    }

    private void EndRecord()
    {
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, _body.WrittenCount);
        BinaryPrimitives.WriteUInt32LittleEndian(prefix[sizeof(int)..], Checksum(prefix[..sizeof(int)], _body.WrittenSpan));
        _records.Write(prefix);
        _records.Write(_body.WrittenSpan);
        _body.ResetWrittenCount();
    }
}
