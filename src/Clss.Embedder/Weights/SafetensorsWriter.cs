using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Clss.Embedder.Weights;

/// <summary>
/// Writes safetensors. The same tensors give the same bytes whatever the order they were added in: wide elements come first
/// and then the names in ordinal order, as the reference writer has it, so that every tensor is aligned to its element size.
/// </summary>
public sealed class SafetensorsWriter
{
    private const int Alignment = 8;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <summary>Adds a free text pair to the header's <c>__metadata__</c>.</summary>
    public void AddMetadata(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        _metadata[key] = value;
    }

    /// <summary>Adds a tensor whose values are in memory.</summary>
    /// <param name="name">The full name, used once.</param>
    /// <param name="type">A type of real numbers; values are rounded to it, to nearest and ties to even.</param>
    /// <param name="shape">The length of each dimension, outermost first.</param>
    /// <param name="values">The elements, the last dimension fastest; read when the file is written.</param>
    /// <exception cref="ArgumentException">A name used twice, a type of whole numbers, or a shape that does not fit the values.</exception>
    public void Add(string name, WeightType type, IReadOnlyList<long> shape, ReadOnlyMemory<float> values)
    {
        var info = new WeightInfo(name, type, [.. shape]);
        if (info.Count != values.Length)
        {
            throw new ArgumentException($"Tensor '{name}' {info.ShapeText} needs {info.Count} values, {values.Length} are given.", nameof(values));
        }

        Add(new Entry(info, values, null));
    }

    /// <summary>Adds a tensor of another file under its own name; it is read when the file is written, one tensor at a time.</summary>
    /// <exception cref="ArgumentException">A name used twice, or a type of whole numbers.</exception>
    /// <exception cref="WeightFormatException">The source has no such tensor.</exception>
    public void Add(WeightFile source, string name, WeightType type)
    {
        ArgumentNullException.ThrowIfNull(source);
        WeightInfo info = source.Find(name);
        Add(new Entry(info with { Type = type }, default, source));
    }

    /// <summary>Writes a new file, or over an old one, and waits until it is on the disk.</summary>
    public void Save(string path)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        Write(stream);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Writes everything to a stream, which stays open.</summary>
    public void Write(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        Entry[] ordered = [.. _entries.Values.OrderByDescending(entry => entry.Info.Type.Size()).ThenBy(entry => entry.Info.Name, StringComparer.Ordinal)];
        WriteHeader(stream, ordered);
        foreach (Entry entry in ordered)
        {
            WriteElements(stream, entry.Info.Type, entry.Values());
        }
    }

    private static void WriteElements(Stream stream, WeightType type, ReadOnlySpan<float> values)
    {
        int size = type.Size();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(WeightConversion.ChunkBytes);
        try
        {
            while (!values.IsEmpty)
            {
                int count = Math.Min(values.Length, WeightConversion.ChunkBytes / size);
                Span<byte> stored = buffer.AsSpan(0, count * size);
                WeightConversion.FromSingle(type, values[..count], stored);
                stream.Write(stored);
                values = values[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Add(Entry entry)
    {
        if (!entry.Info.Type.IsFloat())
        {
            throw new ArgumentException($"Tensor '{entry.Info.Name}' should be written as {entry.Info.Type}; weights are real numbers.");
        }

        if (!_entries.TryAdd(entry.Info.Name, entry))
        {
            throw new ArgumentException($"Tensor '{entry.Info.Name}' is added twice.");
        }
    }

    private void WriteHeader(Stream stream, Entry[] ordered)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (_metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach ((string key, string value) in _metadata)
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (Entry entry in ordered)
            {
                offset = WriteEntry(json, entry.Info, offset);
            }

            json.WriteEndObject();
        }

        int padding = (Alignment - (buffer.WrittenCount % Alignment)) % Alignment;
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)(buffer.WrittenCount + padding));
        stream.Write(length);
        stream.Write(buffer.WrittenSpan);
        stream.Write("        "u8[..padding]);
    }

    private static long WriteEntry(Utf8JsonWriter json, WeightInfo info, long offset)
    {
        long end = checked(offset + (info.Count * info.Type.Size()));
        json.WriteStartObject(info.Name);
        json.WriteString("dtype", info.Type.SafetensorsName());
        json.WriteStartArray("shape");
        foreach (long length in info.Shape)
        {
            json.WriteNumberValue(length);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }

    private sealed record Entry(WeightInfo Info, ReadOnlyMemory<float> Given, WeightFile? Source)
    {
        public ReadOnlySpan<float> Values()
        {
            if (Source is null)
            {
                return Given.Span;
            }

            var values = new float[Info.Count];
            Source.Read(Info.Name, values);
            return values;
        }
    }
}
