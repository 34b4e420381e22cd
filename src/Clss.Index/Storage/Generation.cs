using Clss.Index.Cells;
using Clss.Index.Hnsw;
using Clss.Index.Metadata;
using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>The rows of one generation, mapped: vectors, codes, keys and columns, read in place.</summary>
internal sealed unsafe class Generation : IDisposable
{
    private readonly SectionFile _file;
    private readonly TextArray _keys;
    private readonly Section _keyTable;
    private readonly Column?[] _columns;
    private readonly CellIndex?[] _cells;
    private readonly HnswGraph?[] _graphs;
    private readonly RecallMargins?[] _efSearch;
    private readonly uint* _writeOrder;
    private int _holders = 1;

    private Generation(SectionFile file, long number)
    {
        _file = file;
        Number = number;
        Schema = Schema.Read(file.Get(SectionKind.Schema));
        Rows = Schema.Rows;
        Stride = VectorLayout.Stride(Schema.Dimension);

        long padded = VectorLayout.PaddedRows(Rows);
        Section vectors = file.Get(SectionKind.Vectors);
        bool isFixedPoint = Schema.Storage == VectorStorage.Int16;
        vectors.Require(isFixedPoint ? ElementType.Int16 : ElementType.Float32, Rows, padded * Stride * (isFixedPoint ? sizeof(short) : sizeof(float)));
        Section codes = file.Get(SectionKind.Codes);
        codes.Require(ElementType.UInt8, Rows, padded * Stride);
        Section scales = file.Get(SectionKind.CodeScales);
        scales.Require(ElementType.Float32, Rows, padded / VectorLayout.CodeBlockRows * 2 * sizeof(float));
        double lengthError = UnitVector.LengthError(Schema.Storage, Schema.Dimension);
        Vectors = isFixedPoint
            ? new StoredVectors((short*)vectors.Payload, Stride, lengthError)
            : new StoredVectors((float*)vectors.Payload, Stride, lengthError);
        Codes = codes.Payload;
        Scales = (float*)scales.Payload;

        Section offsets = file.Get(SectionKind.KeyOffsets);
        offsets.RequireUnsigned(Rows + 1L);
        _keys = new TextArray(offsets, file.Get(SectionKind.KeyText));
        _keyTable = file.Get(SectionKind.KeyTable);
        _keyTable.Require(ElementType.UInt32, KeyHash.Slots(Rows), KeyHash.Slots(Rows) * sizeof(uint));
        _columns = new Column?[Schema.Columns.Count];
        for (int i = 0; i < _columns.Length; i++)
        {
            _columns[i] = Metadata.Column.Open(file, i, Schema.Columns[i].Type, Rows);
        }

        if (file.Find(SectionKind.WriteOrder) is Section order)
        {
            order.Require(ElementType.UInt32, Rows, (long)Rows * sizeof(uint));
            _writeOrder = (uint*)order.Payload;
        }

        _cells = OpenCells(file);
        FirstCells = Array.Find(_cells, cells => cells is not null);
        _graphs = new HnswGraph?[Schema.Partitions.Count];
        _efSearch = new RecallMargins?[Schema.Partitions.Count];
        for (int i = 0; i < _graphs.Length; i++)
        {
            if (file.Find(SectionKind.HnswGraph, i) is Section graph)
            {
                _graphs[i] = GraphFile.Open(graph.Payload, graph.Length, Schema.Partitions[i].Count, Stride, graph.File, graph.Header.Name);
                _efSearch[i] = RecallMargins.Read(file.Get(SectionKind.RecallMargins, i));
            }

            HasIndex |= _cells[i] is not null || _graphs[i] is not null;
        }
    }

    public long Number { get; }

    public Schema Schema { get; }

    public int Rows { get; }

    public int Stride { get; }

    public long Bytes => _file.Length;

    /// <summary>The rows [padded rows, stride].</summary>
    public StoredVectors Vectors { get; }

    /// <summary>8-bit codes, see <see cref="CodeQuantizer"/>.</summary>
    public byte* Codes { get; }

    /// <summary>Scale and error of each block of codes [padded rows / 16, 2].</summary>
    public float* Scales { get; }

    /// <summary>Whether any partition has an index.</summary>
    public bool HasIndex { get; }

    /// <summary>The cells of the first partition that has any.</summary>
    public CellIndex? FirstCells { get; }

    public IReadOnlyCollection<Section> Sections => _file.Sections;

    public static Generation Open(string directory, Manifest manifest)
    {
        SectionFile file = SectionFile.Open(Path.Combine(directory, manifest.RowsFile), manifest.RowsBytes, manifest.Generation);
        try
        {
            return new Generation(file, manifest.Generation);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>One holder more, who disposes of it too: the last one closes the file. Only a holder may call this.</summary>
    public Generation Hold()
    {
        Interlocked.Increment(ref _holders);
        return this;
    }

    /// <summary>The cells of a partition, or null where it has none.</summary>
    public CellIndex? Cells(int partition) => partition < _cells.Length ? _cells[partition] : null;

    /// <summary>The graph over a partition, or null where it has none.</summary>
    public HnswGraph? Graph(int partition) => partition < _graphs.Length ? _graphs[partition] : null;

    /// <summary>The candidates that a search of a partition's graph needs, by recall.</summary>
    public RecallMargins EfSearch(int partition) => _efSearch[partition]!;

    /// <summary>The row that was written at a place in the order of writing, which within a partition of cells is not the order of rows.</summary>
    public int RowWrittenAt(int place)
    {
        if (_writeOrder is null)
        {
            return place;
        }

        uint row = _writeOrder[place];
        return row < (uint)Rows ? (int)row : throw _file.Get(SectionKind.WriteOrder).Corrupt($"Entry {row} lies outside the {Rows} rows.");
    }

    /// <summary>Checks that the order of writing has every row of each partition once.</summary>
    public void CheckWriteOrder()
    {
        var seen = new RowBitmap(Rows, set: false);
        foreach (PartitionRange partition in Schema.Partitions)
        {
            for (int place = partition.Start; place < partition.End; place++)
            {
                int row = RowWrittenAt(place);
                if (row < partition.Start || row >= partition.End || seen[row])
                {
                    throw _file.Get(SectionKind.WriteOrder).Corrupt($"Entry {row} at place {place} lies outside the partition's rows or occurs twice.");
                }

                seen[row] = true;
            }
        }
    }

    public ReadOnlySpan<byte> KeyUtf8(int row) => _keys.Utf8(row);

    public string Key(int row) => _keys.Text(row);

    /// <summary>The column, or null where the generation is older than it or no row has a value.</summary>
    public Column? Column(int index) => index < _columns.Length ? _columns[index] : null;

    /// <summary>The partition of a row, by binary search of the ranges.</summary>
    public int PartitionOf(int row)
    {
        int low = 0;
        int high = Schema.Partitions.Count - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (row < Schema.Partitions[middle].End)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>The first row with the key at or after a probe, or -1; <paramref name="probe"/> starts at 0 and continues the search.</summary>
    public int FindKey(ReadOnlySpan<byte> key, ulong hash, ref long probe)
    {
        long slots = _keyTable.Header.Count;
        uint* table = (uint*)_keyTable.Payload;
        for (long slot = KeyHash.Slot(hash, slots); probe < slots; probe++)
        {
            long place = slot + probe;
            uint entry = table[place < slots ? place : place - slots];
            if (entry == 0)
            {
                break;
            }

            if (entry > (uint)Rows)
            {
                throw _keyTable.Corrupt($"Entry {entry} lies outside the {Rows} rows.");
            }

            if (KeyUtf8((int)entry - 1).SequenceEqual(key))
            {
                probe++;
                return (int)entry - 1;
            }
        }

        return -1;
    }

    /// <summary>
    /// Checks in one pass that the key table finds every row: each row has one entry, and no free slot lies between the slot of its hash and the entry.
    /// </summary>
    public void CheckKeyTable()
    {
        long slots = _keyTable.Header.Count;
        uint* table = (uint*)_keyTable.Payload;
        var seen = new RowBitmap(Rows, set: false);
        long found = 0;
        long free = -1;
        for (long slot = 0; slot < slots; slot++)
        {
            uint entry = table[slot];
            free = entry == 0 ? slot : free;
            if (entry == 0)
            {
                continue;
            }

            if (entry > (uint)Rows || seen[(int)entry - 1])
            {
                throw _keyTable.Corrupt($"Entry {entry} at slot {slot} lies outside the {Rows} rows or occurs twice.");
            }

            seen[(int)entry - 1] = true;
            found++;
        }

        if (found != Rows || free < 0)
        {
            throw _keyTable.Corrupt($"It has entries for {found} of {Rows} rows.");
        }

        long run = 0;
        for (long step = 1; step <= slots; step++)
        {
            long slot = (free + step) % slots;
            if (table[slot] == 0)
            {
                run = 0;
                continue;
            }

            long home = KeyHash.Slot(KeyHash.Compute(KeyUtf8((int)table[slot] - 1)), slots);
            long distance = slot >= home ? slot - home : slot - home + slots;
            if (distance > run)
            {
                throw _keyTable.Corrupt($"The key of row {table[slot] - 1} is not found.");
            }

            run++;
        }
    }

    private CellIndex?[] OpenCells(SectionFile file)
    {
        var cells = new CellIndex?[Schema.Partitions.Count];
        try
        {
            for (int i = 0; i < cells.Length; i++)
            {
                cells[i] = CellIndex.Open(file, i, Schema.Partitions[i], Stride);
                if (cells[i] is not null && _writeOrder is null)
                {
                    // Without it, rows that lie in cells would be read in an order in which nobody wrote them.
                    _ = file.Get(SectionKind.WriteOrder);
                }
            }

            return cells;
        }
        catch
        {
            Array.ForEach(cells, opened => opened?.Dispose());
            throw;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) != 0)
        {
            return;
        }

        foreach (CellIndex? cells in _cells)
        {
            cells?.Dispose();
        }

        _file.Dispose();
    }
}
