using System.Runtime.InteropServices;
using Clss.Embedder.Weights;
using Clss.Ingest.Formats.Numpy;

namespace Clss.Ingest;

/// <summary>Runs of rows of a NumPy file as named tensors, read when they are asked for, so that a large array is copied piece by piece.</summary>
internal sealed class ArrayRows : WeightFile
{
    private readonly FileStream _stream;
    private readonly Dictionary<string, WeightInfo> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _firstRows = new(StringComparer.Ordinal);
    private readonly long _begin;
    private readonly int _columns;

    public ArrayRows(string path)
    {
        Source = path;
        using (NpyReader reader = NpyReader.Open(path))
        {
            Rows = reader.Rows;
            _columns = reader.Columns;
        }

        _stream = new FileStream(path, FileMode.Open, FileAccess.Read);
        _begin = _stream.Length - (Rows * _columns * sizeof(float));
    }

    public long Rows { get; }

    public override string Source { get; }

    public override IReadOnlyDictionary<string, WeightInfo> Tensors => _infos;

    public void Add(string name, long firstRow, long rows)
    {
        _infos.Add(name, new WeightInfo(name, WeightType.Float32, [rows, _columns]));
        _firstRows.Add(name, firstRow);
    }

    protected override void ReadElements(WeightInfo info, Span<float> destination)
    {
        _stream.Position = _begin + (_firstRows[info.Name] * _columns * sizeof(float));
        _stream.ReadExactly(MemoryMarshal.AsBytes(destination));
        if (!BitConverter.IsLittleEndian)
        {
            Span<int> bits = MemoryMarshal.Cast<float, int>(destination);
            System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(bits, bits);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }
}
