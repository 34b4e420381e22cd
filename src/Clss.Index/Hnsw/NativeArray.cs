using System.Runtime.InteropServices;

namespace Clss.Index.Hnsw;

/// <summary>A growing array in native memory, aligned to cache lines. Element offsets are 64-bit.</summary>
internal sealed unsafe class NativeArray<T> : IDisposable
    where T : unmanaged
{
    private const nuint Alignment = 64;

    public NativeArray(long length = 0)
    {
        Resize(length);
    }

    public T* Pointer { get; private set; }

    public long Length { get; private set; }

    /// <summary>Elements that fit before the memory must move.</summary>
    public long Capacity { get; private set; }

    /// <summary>Room for this many elements. New elements are zero.</summary>
    public void Resize(long length)
    {
        if (length > Capacity)
        {
            long capacity = Length == 0 ? length : Math.Max(length, Capacity + (Capacity / 2));
            Pointer = (T*)NativeMemory.AlignedRealloc(Pointer, checked((nuint)capacity * (nuint)sizeof(T)), Alignment);
            Capacity = capacity;
        }

        if (length > Length)
        {
            NativeMemory.Clear(Pointer + Length, (nuint)(length - Length) * (nuint)sizeof(T));
        }

        Length = length;
    }

    /// <summary>Sets elements [start, Length) to a byte pattern.</summary>
    public void Fill(long start, byte pattern) => NativeMemory.Fill(Pointer + start, (nuint)(Length - start) * (nuint)sizeof(T), pattern);

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
        Length = 0;
        Capacity = 0;
    }
}
