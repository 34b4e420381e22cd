using System.Collections;

namespace Clss.Index.Storage;

/// <summary>A list that only grows and never moves what it holds, so that a <see cref="ListPrefix{T}"/> of it can be read while items are added.</summary>
internal sealed class ChunkedList<T> : IReadOnlyList<T>
{
    private T[][] _chunks = new T[1][];

    public int Count { get; private set; }

    public T this[int index] => _chunks[index >> ListPrefix<T>.ChunkBits][index & ListPrefix<T>.ChunkMask];

    public void Add(T item)
    {
        int chunk = Count >> ListPrefix<T>.ChunkBits;
        if (chunk == _chunks.Length)
        {
            // Prefixes keep the table they were made with; the chunks are the same ones.
            Array.Resize(ref _chunks, _chunks.Length * 2);
        }

        (_chunks[chunk] ??= new T[ListPrefix<T>.ChunkMask + 1])[Count & ListPrefix<T>.ChunkMask] = item;
        Count++;
    }

    /// <summary>The items there are now.</summary>
    public ListPrefix<T> Prefix() => new(_chunks, Count);

    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
