using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Metrics;

namespace Clss.Index.Vectors;

/// <summary>
/// Rows [count, stride] as they lie in memory: floats, which are read in place, or 16-bit fixed point, which is decoded where a row is compared, or into room
/// that the caller has.
/// </summary>
internal readonly unsafe struct StoredVectors
{
    private const int LineBytes = 64;

    private readonly byte* _rows;
    private readonly bool _isFixedPoint;

    /// <summary>Rows of floats.</summary>
    public StoredVectors(float* rows, int stride, double lengthError = UnitVector.Tolerance)
    {
        _rows = (byte*)rows;
        Stride = stride;
        LengthError = lengthError;
    }

    /// <summary>Rows in fixed point.</summary>
    public StoredVectors(short* rows, int stride, double lengthError)
    {
        _rows = (byte*)rows;
        _isFixedPoint = true;
        Stride = stride;
        LengthError = lengthError;
    }

    public int Stride { get; }

    /// <summary>How far the length of a row may be from 1, see <see cref="UnitVector.LengthError"/>.</summary>
    public double LengthError { get; }

    /// <summary>Whether <see cref="Rows"/> needs room to decode rows into.</summary>
    public bool NeedsRoom => _isFixedPoint;

    private long RowBytes => (long)Stride * (_isFixedPoint ? sizeof(short) : sizeof(float));

    /// <summary>The rows from a row on.</summary>
    public StoredVectors From(long row) => _isFixedPoint
        ? new StoredVectors((short*)_rows + (row * Stride), Stride, LengthError)
        : new StoredVectors((float*)_rows + (row * Stride), Stride, LengthError);

    /// <summary>The elements [stride] of a row: where they lie, or decoded in the room [stride], which floats do not need.</summary>
    public float* Row(long row, float* room) => Rows(row, 1, room);

    /// <summary>The elements of rows that follow one another [count, stride], or decoded in the room for as many.</summary>
    public float* Rows(long first, int count, float* room)
    {
        if (!_isFixedPoint)
        {
            return (float*)_rows + (first * Stride);
        }

        FixedPoint.Decode((short*)_rows + (first * Stride), room, (long)count * Stride);
        return room;
    }

    /// <summary>Writes the first elements of a row.</summary>
    public void CopyTo(long row, Span<float> destination)
    {
        if (_isFixedPoint)
        {
            fixed (float* elements = destination)
            {
                FixedPoint.Decode((short*)_rows + (row * Stride), elements, destination.Length);
            }
        }
        else
        {
            new ReadOnlySpan<float>((float*)_rows + (row * Stride), destination.Length).CopyTo(destination);
        }
    }

    /// <summary>The similarity of a row and a query [stride].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Similarity(long row, float* query) => _isFixedPoint
        ? CosineOfUnitVectors.Similarity((short*)_rows + (row * Stride), query, Stride)
        : CosineOfUnitVectors.Similarity((float*)_rows + (row * Stride), query, Stride);

    /// <summary>Asks for a row, or for the first 128 bytes of a longer one: the processor fetches what follows by itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PrefetchStart(long row)
    {
        if (Sse.IsSupported)
        {
            byte* bytes = _rows + (row * RowBytes);
            Sse.Prefetch0(bytes);
            if (RowBytes > LineBytes)
            {
                Sse.Prefetch0(bytes + LineBytes);
            }
        }
    }

    /// <summary>Asks for all of a row.</summary>
    public void Prefetch(long row)
    {
        byte* bytes = _rows + (row * RowBytes);
        for (long offset = 0; Sse.IsSupported && offset < RowBytes; offset += LineBytes)
        {
            Sse.Prefetch0(bytes + offset);
        }
    }
}
