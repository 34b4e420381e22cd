using System.Buffers;
using System.Runtime.InteropServices;

namespace Clss.Embedder.Weights;

/// <summary>
/// Reads safetensors: an 8-byte little-endian header length, a JSON header, then the tensors' bytes without a gap.
/// Format: https://github.com/huggingface/safetensors#format; as in the reference reader, tensors must cover the data exactly.
/// </summary>
public sealed class SafetensorsFile : WeightFile
{
    private readonly ByteSource _source;
    private readonly SafetensorsHeader _header;

    private SafetensorsFile(ByteSource source, SafetensorsHeader header)
    {
        _source = source;
        _header = header;
    }

    /// <inheritdoc/>
    public override string Source => _source.Name;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightInfo> Tensors => _header.Tensors;

    /// <summary>The free text pairs of the header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="WeightFormatException">The file is absent, cut off, damaged, or uses an element type not known here.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(ByteSource.Open(path));
    }

    /// <summary>Opens a seekable stream, which is disposed with the result, and checks the header.</summary>
    /// <param name="stream">The bytes, from position 0 on.</param>
    /// <param name="name">What messages call the stream.</param>
    /// <exception cref="WeightFormatException">The data is cut off, damaged, or uses an element type not known here.</exception>
    public static SafetensorsFile Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Open(ByteSource.Open(stream, name));
    }

    /// <inheritdoc/>
    protected override void ReadElements(WeightInfo info, Span<float> destination)
    {
        long offset = _header.DataStart + _header.Offsets[info.Name];
        if (info.Type == WeightType.Float32 && BitConverter.IsLittleEndian)
        {
            ReadSingles(offset, destination);
            return;
        }

        int size = info.Type.Size();
        byte[] buffer = ArrayPool<byte>.Shared.Rent(WeightConversion.ChunkBytes);
        try
        {
            while (!destination.IsEmpty)
            {
                int count = Math.Min(destination.Length, WeightConversion.ChunkBytes / size);
                Span<byte> stored = buffer.AsSpan(0, count * size);
                _source.Read(offset, stored);
                WeightConversion.ToSingle(info.Type, stored, destination[..count]);
                destination = destination[count..];
                offset += stored.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    internal override unsafe byte* Map(WeightInfo info) =>
        _source.Map(_header.DataStart + _header.Offsets[info.Name], info.Count * info.Type.Size());

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    internal static SafetensorsFile Open(ByteSource source)
    {
        try
        {
            return new SafetensorsFile(source, SafetensorsHeader.Read(source));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Straight into the destination, in pieces whose byte count fits an int.</summary>
    private void ReadSingles(long offset, Span<float> destination)
    {
        const int pieceElements = 1 << 28;
        while (!destination.IsEmpty)
        {
            Span<float> piece = destination[..Math.Min(destination.Length, pieceElements)];
            Span<byte> bytes = MemoryMarshal.AsBytes(piece);
            _source.Read(offset, bytes);
            offset += bytes.Length;
            destination = destination[piece.Length..];
        }
    }
}
