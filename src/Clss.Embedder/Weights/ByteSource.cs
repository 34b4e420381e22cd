using Microsoft.Win32.SafeHandles;

namespace Clss.Embedder.Weights;

/// <summary>Bytes that can be read at any offset and from several threads: a file or a seekable stream.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>The path or name, for messages.</summary>
    public abstract string Name { get; }

    /// <summary>The number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="WeightFormatException">The file is absent or may not be read.</exception>
    public static ByteSource Open(string path)
    {
        try
        {
            SafeFileHandle handle = File.OpenHandle(path, options: FileOptions.RandomAccess);
            return new FileSource(handle, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WeightFormatException($"{path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Wraps a seekable stream, which is disposed with the source.</summary>
    public static ByteSource Open(Stream stream, string name)
    {
        if (!stream.CanSeek)
        {
            throw new ArgumentException("The stream must be seekable.", nameof(stream));
        }

        return new StreamSource(stream, name);
    }

    /// <summary>Fills <paramref name="destination"/> from <paramref name="offset"/> on.</summary>
    /// <exception cref="WeightFormatException">The source ends too early or cannot be read.</exception>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || destination.Length > Length - offset)
        {
            throw new WeightFormatException($"{Name} is cut off: {destination.Length} bytes were expected at offset {offset}, the file has {Length}. Download or copy it again.");
        }

        try
        {
            ReadAt(offset, destination);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeightFormatException($"{Name} cannot be read at offset {offset}: {e.Message}", e);
        }
    }

    /// <summary>
    /// The address of a part in memory, the whole file being mapped the first time, or null where the source is no file that can be mapped.
    /// Valid until the source is disposed.
    /// </summary>
    public virtual unsafe byte* Map(long offset, long length) => null;

    public abstract void Dispose();

    protected abstract void ReadAt(long offset, Span<byte> destination);

    private sealed class FileSource(SafeFileHandle handle, string path) : ByteSource
    {
        private readonly Lock _lock = new();
        private MappedFile? _mapped;

        public override string Name => path;

        public override long Length { get; } = RandomAccess.GetLength(handle);

        public override unsafe byte* Map(long offset, long length)
        {
            if (offset < 0 || length > Length - offset)
            {
                throw new WeightFormatException($"{Name} is cut off: {length} bytes were expected at offset {offset}, the file has {Length}. Download or copy it again.");
            }

            lock (_lock)
            {
                _mapped ??= MappedFile.TryOpen(handle);
                return _mapped is null ? null : _mapped.Start + offset;
            }
        }

        public override void Dispose()
        {
            _mapped?.Dispose();
            handle.Dispose();
        }

        protected override void ReadAt(long offset, Span<byte> destination)
        {
            while (!destination.IsEmpty)
            {
                int count = RandomAccess.Read(handle, destination, offset);
                if (count == 0)
                {
                    throw new EndOfStreamException("the file became shorter while it was read.");
                }

                destination = destination[count..];
                offset += count;
            }
        }
    }

    private sealed class StreamSource(Stream stream, string name) : ByteSource
    {
        private readonly Lock _lock = new();

        public override string Name => name;

        public override long Length { get; } = stream.Length;

        public override void Dispose() => stream.Dispose();

        protected override void ReadAt(long offset, Span<byte> destination)
        {
            lock (_lock)
            {
                stream.Position = offset;
                stream.ReadExactly(destination);
            }
        }
    }
}
