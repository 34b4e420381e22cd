using System.Runtime.InteropServices;

namespace Clss.Embedder.Tensors;

/// <summary>
/// Memory outside the garbage-collected heap, given out from the front and taken back by scope. When the outermost scope ends,
/// several blocks are exchanged for one of their size, so that in steady state nothing is allocated; more than
/// <see cref="KeptBytes"/> is given back, so that one giant sequence does not hold its memory for ever.
/// </summary>
internal sealed unsafe class TensorArena : IDisposable
{
    /// <summary>A cache line, and the widest register.</summary>
    public const int Alignment = 64;

    private const long KeptBytes = 256L << 20;

    private const long SmallestBlock = 4L << 20;

    private readonly List<Block> _blocks = [];
    private int _current;
    private long _used;
    private int _depth;
    private long _nextBlock = SmallestBlock;
    private bool _disposed;

    /// <summary>Bytes held, used or not.</summary>
    public long HeldBytes => _blocks.Sum(block => block.Bytes);

    /// <summary>The most bytes ever held.</summary>
    public long PeakBytes { get; private set; }

    /// <summary>Memory for a number of floats until the innermost scope ends.</summary>
    public float* Allocate(long floats)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_depth == 0)
        {
            throw new InvalidOperationException("Tensors are allocated inside BeginScope().");
        }

        long bytes = (checked(floats * sizeof(float)) + Alignment - 1) / Alignment * Alignment;
        while (_current < _blocks.Count && _blocks[_current].Bytes - _used < bytes)
        {
            _current++;
            _used = 0;
        }

        if (_current == _blocks.Count)
        {
            long size = Math.Max(bytes, _nextBlock);
            _blocks.Add(new Block((nint)NativeMemory.AlignedAlloc((nuint)size, Alignment), size));
            PeakBytes = Math.Max(PeakBytes, HeldBytes);
        }

        byte* start = (byte*)_blocks[_current].Start + _used;
        _used += bytes;
        return (float*)start;
    }

    /// <summary>Opens a scope; its end takes back what was allocated since.</summary>
    public IDisposable BeginScope()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _depth++;
        return new Scope(this, _current, _used);
    }

    public void Dispose()
    {
        _disposed = true;
        Free(0);
    }

    private void EndScope(int block, long used)
    {
        _depth--;
        _current = block;
        _used = used;
        if (_depth > 0 || _disposed)
        {
            return;
        }

        long held = HeldBytes;
        if (_blocks.Count > 1 || held > KeptBytes)
        {
            Free(0);
            _nextBlock = Math.Min(held, KeptBytes);
        }
    }

    private void Free(int firstBlock)
    {
        for (int i = firstBlock; i < _blocks.Count; i++)
        {
            NativeMemory.AlignedFree((void*)_blocks[i].Start);
        }

        _blocks.RemoveRange(firstBlock, _blocks.Count - firstBlock);
    }

    private readonly record struct Block(nint Start, long Bytes);

    private sealed class Scope(TensorArena arena, int block, long used) : IDisposable
    {
        private bool _ended;

        public void Dispose()
        {
            if (!_ended)
            {
                _ended = true;
                arena.EndScope(block, used);
            }
        }
    }
}
