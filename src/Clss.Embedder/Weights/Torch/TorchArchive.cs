using System.Buffers;

namespace Clss.Embedder.Weights.Torch;

/// <summary>The two forms in which torch saves: a zip file, or pickles with the storages behind them.</summary>
internal abstract class TorchArchive
{
    /// <summary>The pickled object, read as data.</summary>
    public abstract object? Root { get; }

    /// <summary>Checks that a storage is there with the size the pickle gives, and is undamaged as far as the form can tell.</summary>
    /// <exception cref="WeightFormatException">Absent, of another size, or damaged.</exception>
    public abstract void Verify(TorchStorage storage);

    /// <summary>Where in the file a storage's bytes begin, or null where they are compressed.</summary>
    public abstract long? Offset(TorchStorage storage);

    /// <summary>The bytes of a verified storage, to be read once from front to back.</summary>
    public abstract Stream OpenStorage(TorchStorage storage);

    /// <summary>Fills <paramref name="destination"/> from a stream of this archive.</summary>
    /// <exception cref="WeightFormatException">The stream ends too early, or its compressed bytes are damaged.</exception>
    public static void Fill(Stream content, Span<byte> destination, string place)
    {
        try
        {
            content.ReadExactly(destination);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new WeightFormatException($"{place}: the bytes are damaged or fewer than announced. Download or copy the file again.", e);
        }
    }

    /// <summary>Passes over bytes of a stream that may be compressed.</summary>
    public static void Skip(Stream content, long count, string place)
    {
        if (content.CanSeek)
        {
            content.Position += count;
            return;
        }

        byte[] skipped = ArrayPool<byte>.Shared.Rent(WeightConversion.ChunkBytes);
        try
        {
            for (long left = count; left > 0;)
            {
                int piece = (int)Math.Min(left, skipped.Length);
                Fill(content, skipped.AsSpan(0, piece), place);
                left -= piece;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(skipped);
        }
    }

    /// <summary>Opens either form, told apart by the first bytes.</summary>
    public static TorchArchive Open(ByteSource source)
    {
        Span<byte> start = stackalloc byte[4];
        if (source.Length < start.Length)
        {
            throw new WeightFormatException($"{source.Name} has {source.Length} bytes and is no checkpoint.");
        }

        source.Read(0, start);
        return start is [(byte)'P', (byte)'K', 3, 4] ? new TorchZipArchive(source)
            : start[0] == (byte)PickleOpcode.Proto ? new TorchLegacyArchive(source)
            : throw new WeightFormatException(
                $"{source.Name} is no PyTorch checkpoint: it begins neither like a zip file nor like a pickle (the tar form of torch before 0.2 is not read). "
                + "Load it in Python and save it again with torch.save, or as safetensors.");
    }
}
