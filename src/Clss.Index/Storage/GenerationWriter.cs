using System.Runtime.InteropServices;
using Clss.Index.Metadata;
using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>Writes the living rows of a collection as a new generation.</summary>
internal sealed unsafe class GenerationWriter : IDisposable
{
    private readonly RowSnapshot _rows;
    private readonly CancellationToken _cancellation;
    private readonly Schema _schema;
    private readonly int[] _order;
    private readonly int _stride;
    private readonly GenerationIndexes _indexes;
    private SectionWriter _writer = null!;

    /// <summary>Prepares the rows: orders them, and divides partitions into cells. Writes nothing yet.</summary>
    public GenerationWriter(RowSnapshot rows, bool keepEmptyPartitions, int threads, CancellationToken cancellation)
    {
        _rows = rows;
        _cancellation = cancellation;
        (_order, IReadOnlyList<PartitionRange> partitions) = rows.StorageOrder(keepEmptyPartitions);
        _schema = rows.Base.Schema with { Columns = [.. rows.Columns], Partitions = partitions };
        _stride = rows.Base.Stride;
        _indexes = new GenerationIndexes(rows, _schema, _order, anew: !keepEmptyPartitions, threads, cancellation);
    }

    /// <summary>Writes the generation and returns the bytes written.</summary>
    public long Write(WritableFile file, long generation)
    {
        _writer = new SectionWriter(file, generation, _cancellation);
        WriteSections();
        return _writer.Length;
    }

    public void Dispose() => _indexes.Dispose();

    /// <summary>Writes a generation without rows and returns the bytes written.</summary>
    public static long WriteEmpty(WritableFile file, long generation, Schema schema)
    {
        var writer = new SectionWriter(file, generation, CancellationToken.None);
        WriteSchema(writer, schema);
        writer.Begin(SectionKind.Vectors, TypeOf(schema.Storage), 0, dimension: schema.Dimension);
        writer.End();
        writer.Begin(SectionKind.Codes, ElementType.UInt8, 0, dimension: schema.Dimension);
        writer.End();
        writer.Begin(SectionKind.CodeScales, ElementType.Float32, 0, dimension: schema.Dimension);
        writer.End();
        ColumnWriter.WriteTexts(writer, SectionKind.KeyOffsets, SectionKind.KeyText, 0, 0, _ => default);
        writer.Begin(SectionKind.KeyTable, ElementType.UInt32, KeyHash.Slots(0));
        writer.Write(MemoryMarshal.AsBytes(new uint[KeyHash.Slots(0)].AsSpan()));
        writer.End();
        return writer.Length;
    }

    private void WriteSections()
    {
        WriteSchema(_writer, _schema);
        WriteVectors();
        WriteCodes();
        _indexes.Write(_writer);
        WriteKeys();
        for (int column = 0; column < _schema.Columns.Count; column++)
        {
            ColumnWriter.Write(_writer, column, _schema.Columns[column].Type, new RowValues(_rows, _order, column));
        }
    }

    private static void WriteSchema(SectionWriter writer, Schema schema)
    {
        byte[] bytes = schema.Encode();
        writer.Begin(SectionKind.Schema, ElementType.Bytes, bytes.Length, dimension: schema.Dimension);
        writer.Write(bytes);
        writer.End();
    }

    private static ElementType TypeOf(VectorStorage storage) => storage == VectorStorage.Int16 ? ElementType.Int16 : ElementType.Float32;

    private void WriteVectors()
    {
        _writer.Begin(SectionKind.Vectors, TypeOf(_schema.Storage), _order.Length, dimension: _schema.Dimension);
        var elements = new float[_stride];
        var numbers = new short[_stride];
        ReadOnlySpan<byte> bytes = _schema.Storage == VectorStorage.Int16 ? MemoryMarshal.AsBytes(numbers.AsSpan()) : MemoryMarshal.AsBytes(elements.AsSpan());
        foreach (int ordinal in _order)
        {
            _rows.CopyVector(ordinal, elements);
            if (_schema.Storage == VectorStorage.Int16)
            {
                FixedPoint.Encode(elements, numbers);
            }

            _writer.Write(bytes);
        }

        Array.Clear(elements);
        Array.Clear(numbers);
        for (long row = _order.Length; row < VectorLayout.PaddedRows(_order.Length); row++)
        {
            _writer.Write(bytes);
        }

        _writer.End();
    }

    private void WriteCodes()
    {
        long blocks = VectorLayout.PaddedRows(_order.Length) / VectorLayout.CodeBlockRows;
        var scales = new float[blocks * 2];
        var rows = new float[VectorLayout.CodeBlockRows * _stride];
        var codes = new byte[CodeQuantizer.BlockBytes(_stride)];
        _writer.Begin(SectionKind.Codes, ElementType.UInt8, _order.Length, dimension: _schema.Dimension);
        for (long block = 0; block < blocks; block++)
        {
            Array.Clear(rows);
            for (int i = 0; i < VectorLayout.CodeBlockRows; i++)
            {
                long row = (block * VectorLayout.CodeBlockRows) + i;
                if (row < _order.Length)
                {
                    _rows.CopyVector(_order[row], rows.AsSpan(i * _stride, _schema.Dimension));
                }
            }

            fixed (float* rowPointer = rows)
            fixed (byte* codePointer = codes)
            {
                (scales[2 * block], scales[(2 * block) + 1]) = CodeQuantizer.Encode(rowPointer, _stride, codePointer);
            }

            _writer.Write(codes);
        }

        _writer.End();
        _writer.Begin(SectionKind.CodeScales, ElementType.Float32, _order.Length, dimension: _schema.Dimension);
        _writer.Write(MemoryMarshal.AsBytes(scales.AsSpan()));
        _writer.End();
    }

    private void WriteKeys()
    {
        var buffer = new byte[1 << 10];
        ColumnWriter.WriteTexts(_writer, SectionKind.KeyOffsets, SectionKind.KeyText, _order.Length, 0, row => KeyUtf8(row, buffer));

        long slots = KeyHash.Slots(_order.Length);
        using var table = new NativeTable(slots);
        for (int row = 0; row < _order.Length; row++)
        {
            long slot = KeyHash.Slot(KeyHash.Compute(KeyUtf8(row, buffer)), slots);
            while (table.Entries[slot] != 0)
            {
                slot = slot + 1 < slots ? slot + 1 : 0;
            }

            table.Entries[slot] = (uint)row + 1;
        }

        _writer.Begin(SectionKind.KeyTable, ElementType.UInt32, slots);
        for (long slot = 0; slot < slots; slot++)
        {
            _writer.Write(table.Entries[slot]);
        }

        _writer.End();
    }

    private ReadOnlySpan<byte> KeyUtf8(int row, byte[] buffer)
    {
        int ordinal = _order[row];
        int rows = _rows.Base.Rows;
        return ordinal < rows ? _rows.Base.KeyUtf8(ordinal) : TextEncoding.Encode(_rows.Recent.Key(ordinal - rows), buffer);
    }

    /// <summary>A zeroed table of more entries than an array may have.</summary>
    private readonly ref struct NativeTable : IDisposable
    {
        public NativeTable(long slots) => Entries = (uint*)NativeMemory.AllocZeroed((nuint)slots, sizeof(uint));

        public uint* Entries { get; }

        public void Dispose() => NativeMemory.Free(Entries);
    }
}
