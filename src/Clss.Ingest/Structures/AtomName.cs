using System.Runtime.InteropServices;

namespace Clss.Ingest.Structures;

/// <summary>The name of an atom in its residue, such as <c>CA</c>, up to eight characters held in one word; longer names (none is in the chemical dictionary) are cut.</summary>
public readonly record struct AtomName
{
    private const int MaxLength = sizeof(ulong);

    private readonly ulong _packed;

    /// <summary>Packs a name of Latin-1 bytes without blanks around it.</summary>
    public AtomName(ReadOnlySpan<byte> name)
    {
        ulong packed = 0;
        int length = Math.Min(name.Length, MaxLength);
        for (int i = 0; i < length; i++)
        {
            packed |= (ulong)name[i] << (8 * i);
        }

        _packed = packed;
    }

    /// <summary>Packs a name.</summary>
    public AtomName(string name)
        : this(System.Text.Encoding.Latin1.GetBytes(name))
    {
    }

    internal ulong Packed => _packed;

    /// <summary>The name as text.</summary>
    public override string ToString()
    {
        ulong packed = _packed;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in packed, 1));
        return System.Text.Encoding.Latin1.GetString(bytes.TrimEnd((byte)0));
    }
}
