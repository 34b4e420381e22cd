using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clss.Index.Hnsw;

/// <summary>Which nodes a walk has met: a byte per node holds the stamp of the walk that met it last, so that 255 walks pass between two clearings.</summary>
internal sealed unsafe class VisitedSet : IDisposable
{
    private readonly NativeArray<byte> _stamps = new();
    private byte _stamp;

    /// <summary>The stamps, one for each node.</summary>
    public byte* Stamps => _stamps.Pointer;

    /// <summary>Begins a walk over nodes [count] and returns its stamp.</summary>
    public byte Next(int count)
    {
        if (count > _stamps.Length)
        {
            _stamps.Resize(Math.Max(count, _stamps.Capacity));
        }

        if (_stamp == byte.MaxValue)
        {
            NativeMemory.Clear(_stamps.Pointer, (nuint)_stamps.Length);
            _stamp = 0;
        }

        return ++_stamp;
    }

    /// <summary>Marks a node; 1 where it is met for the first time, else 0: whether it is cannot be predicted, so callers count instead of branching.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Mark(byte* stamps, byte stamp, int node)
    {
        int isNew = CandidatePool.Bit(stamps[node] != stamp);
        stamps[node] = stamp;
        return isNew;
    }

    /// <summary>How many of nodes [count] the last walk met.</summary>
    public int Met(int count) => new ReadOnlySpan<byte>(Stamps, count).Count(_stamp);

    public void Dispose() => _stamps.Dispose();
}
