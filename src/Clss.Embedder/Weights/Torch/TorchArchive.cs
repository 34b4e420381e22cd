namespace Clss.Embedder.Weights.Torch;

/// <summary>The two forms in which torch saves: a zip file, or pickles with the storages behind them.</summary>
internal abstract class TorchArchive
{
    /// <summary>The pickled object, read as data.</summary>
    public abstract object? Root { get; }

    /// <summary>Checks that a storage is there with the size the pickle gives, and is undamaged as far as the form can tell.</summary>
    /// <exception cref="WeightFormatException">Absent, of another size, or damaged.</exception>
    public abstract void Verify(TorchStorage storage);

    /// <summary>Fills <paramref name="destination"/> from a byte offset of a verified storage on.</summary>
    public abstract void Read(TorchStorage storage, long offset, Span<byte> destination);

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
