namespace Clss.Index.Storage;

/// <summary>The hash of the key table: FNV-1a over the UTF-8 bytes, finished by the 64-bit mixer of MurmurHash3. Part of the format.</summary>
internal static class KeyHash
{
    private const ulong OffsetBasis = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;

    public static ulong Compute(ReadOnlySpan<byte> utf8)
    {
        ulong hash = OffsetBasis;
        foreach (byte value in utf8)
        {
            hash = (hash ^ value) * Prime;
        }

        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }

    /// <summary>The slot where the search for a key begins: the hash scaled to the number of slots, which need not be a power of two.</summary>
    public static long Slot(ulong hash, long slots) => (long)Math.BigMul(hash, (ulong)slots, out _);

    /// <summary>Slots for this many keys: at most two thirds full, so that linear probing stays short.</summary>
    public static long Slots(long keys) => keys + (keys / 2) + 2;
}
