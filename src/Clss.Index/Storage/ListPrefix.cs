using System.Collections;

namespace Clss.Index.Storage;

/// <summary>The first items of a <see cref="ChunkedList{T}"/>: they stay as they are while the list grows, in whatever thread.</summary>
internal sealed class ListPrefix<T> : IReadOnlyList<T>
{
    public const int ChunkBits = 9;
    public const int ChunkMask = (1 << ChunkBits) - 1;

    private readonly T[][] _chunks;

    public ListPrefix(T[][] chunks, int count)
    {
        _chunks = chunks;
        Count = count;
    }

    public int Count { get; }

    public T this[int index] => _chunks[index >> ChunkBits][index & ChunkMask];

    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
