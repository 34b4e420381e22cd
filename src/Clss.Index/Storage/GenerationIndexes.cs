using System.Runtime.InteropServices;
using Clss.Index.Cells;
using Clss.Index.Hnsw;
using Clss.Index.Vectors;

namespace Clss.Index.Storage;

/// <summary>
/// The indexes of a generation that is being written: brings rows into the order of their cells, links rows in graphs, and writes both as sections.
/// </summary>
internal sealed unsafe class GenerationIndexes : IDisposable
{
    private readonly RowSnapshot _rows;
    private readonly Schema _schema;
    private readonly int[] _order;
    private readonly bool _anew;
    private readonly int _threads;
    private readonly CancellationToken _cancellation;
    private readonly CellLayout?[] _cells;
    private readonly HnswBuilder?[] _graphs;
    private readonly float[][] _margins;
    private uint[]? _writeOrder;

    /// <summary>
    /// Builds what the schema asks for and reorders <paramref name="order"/>, the ordinals of the rows to be written. Graphs are derived from those of the
    /// generation before, unless all is to be built anew, which makes them a function of the rows alone.
    /// </summary>
    public GenerationIndexes(RowSnapshot rows, Schema schema, int[] order, bool anew, int threads, CancellationToken cancellation)
    {
        _rows = rows;
        _schema = schema;
        _order = order;
        _anew = anew;
        _threads = threads;
        _cancellation = cancellation;
        _cells = new CellLayout?[schema.Partitions.Count];
        _graphs = new HnswBuilder?[schema.Partitions.Count];
        _margins = new float[schema.Partitions.Count][];
        try
        {
            Build();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    private int Stride => _rows.Base.Stride;

    /// <summary>Writes the sections.</summary>
    public void Write(SectionWriter writer)
    {
        for (int i = 0; i < _cells.Length; i++)
        {
            if (_cells[i] is CellLayout layout)
            {
                CellSectionWriter.Write(writer, i, layout, _margins[i], _schema.Dimension);
            }
            else if (_graphs[i] is HnswBuilder graph)
            {
                writer.Begin(SectionKind.HnswGraph, ElementType.Bytes, GraphFile.Length(graph.Graph), i);
                GraphFile.Write(graph.Graph, writer.Write);
                writer.End();
                CellSectionWriter.WriteMargins(writer, i, _margins[i]);
            }
        }

        if (_writeOrder is not null)
        {
            writer.Begin(SectionKind.WriteOrder, ElementType.UInt32, _writeOrder.Length);
            writer.Write(MemoryMarshal.AsBytes(_writeOrder.AsSpan()));
            writer.End();
        }
    }

    public void Dispose()
    {
        foreach (HnswBuilder? graph in _graphs)
        {
            graph?.Dispose();
        }
    }

    private void Build()
    {
        for (int i = 0; i < _cells.Length; i++)
        {
            _cancellation.ThrowIfCancellationRequested();
            PartitionRange range = _schema.Partitions[i];
            var source = new RowSource(_rows.Base.Vectors, _rows.Base.Rows, _rows.Recent.Vectors, _order, range.Start, range.Count);
            switch (IndexChoice.For(_schema.Index, range.Count).Kind)
            {
                case IndexKind.Cells:
                    DivideIntoCells(i, range, source);
                    break;
                case IndexKind.Hnsw:
                    Link(i, range, source);
                    break;
                default:
                    break;
            }
        }
    }

    private void DivideIntoCells(int partition, PartitionRange range, in RowSource source)
    {
        var sizes = CellSizes.For(range.Count, _schema.Index.Cells.RowsPerCell);
        CellLayout layout = new CellBuilder(source, sizes, _schema.Index.Seed, _threads).Build();
        _cells[partition] = layout;
        _cancellation.ThrowIfCancellationRequested();
        _margins[partition] = new CellCalibration(source, layout, _schema.Index.Seed, _threads).Measure();
        _writeOrder ??= InOrder(_order.Length);
        int[] before = _order[range.Start..range.End];
        for (int place = 0; place < range.Count; place++)
        {
            _order[range.Start + place] = before[layout.Order[place]];
            _writeOrder[range.Start + layout.Order[place]] = (uint)(range.Start + place);
        }
    }

    private void Link(int partition, PartitionRange range, in RowSource source)
    {
        using var memory = new NativeArena((long)range.Count * Stride * sizeof(float));
        var vectors = (float*)memory.Pointer;
        for (int i = 0; i < range.Count; i++)
        {
            source.CopyTo(i, new Span<float>(vectors + ((long)i * Stride), Stride));
        }

        HnswBuilder builder;
        HnswGraph? old = _anew || partition >= _rows.Base.Schema.Partitions.Count ? null : _rows.Base.Graph(partition);
        if (old is not null && old.Parameters == _schema.Index.Hnsw)
        {
            builder = HnswBuilder.From(old, NewRows(range, _rows.Base.Schema.Partitions[partition]), vectors, range.Count, _threads, _cancellation);
        }
        else
        {
            builder = new HnswBuilder(_schema.Index.Hnsw, Stride);
            builder.Add(vectors, range.Count, _threads, _cancellation);
        }

        _graphs[partition] = builder;
        _margins[partition] = new HnswCalibration(builder.Graph, new StoredVectors(vectors, Stride, source.LengthError), _schema.Index.Seed, _threads).Measure();
    }

    /// <summary>The new number, within its partition, of each row of the partition as it was; -1 where the row is gone.</summary>
    private int[] NewRows(PartitionRange range, PartitionRange before)
    {
        var rows = new int[before.Count];
        Array.Fill(rows, -1);
        for (int place = range.Start; place < range.End; place++)
        {
            int ordinal = _order[place];
            if (ordinal >= before.Start && ordinal < before.End)
            {
                rows[ordinal - before.Start] = place - range.Start;
            }
        }

        return rows;
    }

    private static uint[] InOrder(int count)
    {
        var order = new uint[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = (uint)i;
        }

        return order;
    }
}
