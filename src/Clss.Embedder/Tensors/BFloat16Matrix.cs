using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clss.Embedder.Tensors;

/// <summary>
/// A matrix of bfloat16 [Rows, Columns], row after row: the upper halves of single-precision numbers. It is a copy in memory,
/// or a window on a mapped file, and then valid only until that file of weights is disposed.
/// </summary>
public sealed unsafe class BFloat16Matrix
{
    /// <summary>All ones in an infinite number's or a NaN's exponent.</summary>
    private const ushort ExponentMask = 0x7F80;

    private readonly object _owner;

    /// <summary>Copies a matrix.</summary>
    /// <exception cref="ArgumentException">The length does not fit.</exception>
    public BFloat16Matrix(ReadOnlySpan<ushort> values, int rows, int columns)
        : this(Copy(values), rows, columns)
    {
    }

    /// <summary>A window on memory that the owner keeps.</summary>
    internal BFloat16Matrix(ushort* start, int rows, int columns, object owner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Start = start;
        Rows = rows;
        Columns = columns;
        _owner = owner;
    }

    private BFloat16Matrix(ushort[] pinned, int rows, int columns)
        : this((ushort*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned)), rows, columns, pinned)
    {
        if (pinned.Length != (long)rows * columns)
        {
            throw new ArgumentException($"Expected {rows} x {columns} numbers, found {pinned.Length}.");
        }
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns.</summary>
    public int Columns { get; }

    internal ushort* Start { get; }

    /// <summary>A row's numbers as stored.</summary>
    public ReadOnlySpan<ushort> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        GC.KeepAlive(_owner);
        return new ReadOnlySpan<ushort>(Start + ((nint)row * Columns), Columns);
    }

    /// <summary>Whether no number is infinite or NaN. Reads the whole matrix.</summary>
    public bool IsFinite()
    {
        for (int row = 0; row < Rows; row++)
        {
            if (HasSpecial(Row(row)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool HasSpecial(ReadOnlySpan<ushort> values)
    {
        int found = 0;
        foreach (ushort value in values)
        {
            found |= (value & ExponentMask) == ExponentMask ? 1 : 0;
        }

        return found != 0;
    }

    private static ushort[] Copy(ReadOnlySpan<ushort> values)
    {
        ushort[] pinned = GC.AllocateUninitializedArray<ushort>(values.Length, pinned: true);
        values.CopyTo(pinned);
        return pinned;
    }
}
