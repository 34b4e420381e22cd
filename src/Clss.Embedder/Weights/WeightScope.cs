using System.Numerics.Tensors;
using Clss.Embedder.Tensors;

namespace Clss.Embedder.Weights;

/// <summary>
/// Weights by path: a view of a <see cref="WeightFile"/> below a prefix. Shapes are checked against what the network expects,
/// and every message carries the tensor's full name.
/// </summary>
public sealed class WeightScope
{
    private readonly WeightFile _file;
    private readonly string _prefix;

    /// <summary>Creates the scope of a whole file, or of the names that begin with <paramref name="prefix"/> and a dot.</summary>
    public WeightScope(WeightFile file, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(prefix);
        _file = file;
        _prefix = prefix.Length == 0 || prefix.EndsWith('.') ? prefix : prefix + ".";
    }

    /// <summary>The scope one or more names further down, for example <c>encoder.layer.0</c>.</summary>
    public WeightScope Sub(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new WeightScope(_file, _prefix + path);
    }

    /// <summary>The full name of a tensor of this scope.</summary>
    public string FullName(string name) => _prefix + name;

    /// <summary>Whether the scope holds a tensor of this name.</summary>
    public bool Contains(string name) => _file.Tensors.ContainsKey(FullName(name));

    /// <summary>The stored shape and type of a tensor.</summary>
    /// <exception cref="WeightFormatException">No such tensor.</exception>
    public WeightInfo Info(string name) => _file.Find(FullName(name));

    /// <summary>Reads a tensor of one dimension.</summary>
    /// <exception cref="WeightFormatException">No such tensor, another shape, or damaged data.</exception>
    public float[] Read(string name, int length) => ReadShape(name, [length]);

    /// <summary>Reads a matrix, row after row.</summary>
    /// <exception cref="WeightFormatException">No such tensor, another shape, or damaged data.</exception>
    public float[] Read(string name, int rows, int columns) => ReadShape(name, [rows, columns]);

    /// <summary>Reads a tensor whose shape is its own affair.</summary>
    /// <exception cref="WeightFormatException">No such tensor, too large for an array, or damaged data.</exception>
    public float[] Read(string name)
    {
        WeightInfo info = Info(name);
        if (info.Count > Array.MaxLength)
        {
            throw new WeightFormatException($"{_file.Source}: tensor '{info.Name}' {info.ShapeText} has more elements than an array can hold.");
        }

        var values = new float[info.Count];
        _file.Read(info.Name, values);
        if (!TensorPrimitives.IsFiniteAll<float>(values))
        {
            throw NotFinite(info);
        }

        return values;
    }

    /// <summary>
    /// A matrix that the file stores as bfloat16, in that form: mapped from the file where that is possible (and then valid until the file is disposed),
    /// else in memory. Null for another stored type.
    /// </summary>
    /// <exception cref="WeightFormatException">No such tensor, another shape, or damaged data.</exception>
    public unsafe BFloat16Matrix? ReadNarrow(string name, int rows, int columns)
    {
        WeightInfo info = RequireShape(name, [rows, columns]);
        if (info.Type != WeightType.BFloat16)
        {
            return null;
        }

        byte* mapped = BitConverter.IsLittleEndian ? _file.Map(info) : null;
        BFloat16Matrix matrix = mapped != null && (nint)mapped % sizeof(ushort) == 0
            ? new BFloat16Matrix((ushort*)mapped, rows, columns, _file)
            : CopyNarrow(info, rows, columns);
        return matrix.IsFinite() ? matrix : throw NotFinite(info);
    }

    private BFloat16Matrix CopyNarrow(WeightInfo info, int rows, int columns)
    {
        float[] values = Read(info.Name[_prefix.Length..]);
        ushort[] upper = new ushort[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            upper[i] = (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
        }

        return new BFloat16Matrix(upper, rows, columns);
    }

    private WeightFormatException NotFinite(WeightInfo info) =>
        new($"{_file.Source}: tensor '{info.Name}' holds numbers that are not finite, so the file is damaged or the training failed. Download or copy it again.");

    private float[] ReadShape(string name, ReadOnlySpan<long> expected)
    {
        RequireShape(name, expected);
        return Read(name);
    }

    private WeightInfo RequireShape(string name, ReadOnlySpan<long> expected)
    {
        WeightInfo info = Info(name);
        bool same = info.Shape.Count == expected.Length;
        for (int i = 0; same && i < expected.Length; i++)
        {
            same = info.Shape[i] == expected[i];
        }

        return same
            ? info
            : throw new WeightFormatException(
                $"{_file.Source}: tensor '{info.Name}' has shape {info.ShapeText}, the model's configuration asks for {WeightInfo.FormatShape(expected.ToArray())}. "
                + "The configuration and the weights belong to different models.");
    }
}
