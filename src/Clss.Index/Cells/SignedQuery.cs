using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// A query of 32 codes as <see cref="MultiplyAddKernel"/> takes it: 8 words of the magnitudes of its codes, then 8 of what to exclude-or the bytes of
/// rows' codes with.
/// </summary>
/// <remarks>
/// Rows' codes c are stored as c + 128. Exclusive or with 128 gives c, with 127 gives -c - 1. So with |q| for q and the right one of the two, the
/// products add up to Σ q·c less Σ |q| over negative q, which goes to the start of the sum. A pair of products is at most 2 · 127 · 128 and fits in
/// 16 bits signed, which it would not with c + 128 itself.
/// </remarks>
internal readonly unsafe struct SignedQuery
{
    public const int Words = 8;

    /// <summary>Room for the words.</summary>
    public const int Length = 2 * Words;

    private readonly uint* _words;

    /// <summary>Takes the words that <see cref="Write"/> wrote, or writes them to <paramref name="room"/> where the query has none.</summary>
    public SignedQuery(in Int8Query query, uint* room)
    {
        if (query.Signed is null)
        {
            Write(query, room);
        }

        _words = query.Signed is null ? room : query.Signed;
        Start = 0;
        for (int word = 0; word < Words; word++)
        {
            // Bytes 127 mark negative codes; adding their magnitudes is what a multiply-add of bytes does.
            Start += Negative(_words[word], _words[Words + word]);
        }
    }

    /// <summary>What every sum starts from.</summary>
    public int Start { get; }

    /// <summary>Writes the words [<see cref="Length"/>] of a query of 32 codes.</summary>
    public static void Write(in Int8Query query, uint* words)
    {
        for (int word = 0; word < Words; word++)
        {
            uint magnitudes = 0;
            uint flips = 0;
            for (int i = 0; i < CodeQuantizer.Group; i++)
            {
                int code = ((sbyte*)query.Words)[(word * CodeQuantizer.Group) + i];
                magnitudes |= (uint)Math.Abs(code) << (8 * i);
                flips |= (code < 0 ? 127u : 128u) << (8 * i);
            }

            words[word] = magnitudes;
            words[Words + word] = flips;
        }
    }

    /// <summary>The query with its words written to <paramref name="room"/>, where this processor's kernels take them.</summary>
    public static Int8Query Attach(in Int8Query query, int stride, uint* room)
    {
        if (AvxVnni.IsSupported || !MultiplyAddKernel.IsSupported || stride != Words * CodeQuantizer.Group)
        {
            return query;
        }

        Write(query, room);
        return query with { Signed = room };
    }

    public Vector256<byte> Magnitudes256(int word) => Vector256.Create(_words[word]).AsByte();

    public Vector256<byte> Flips256(int word) => Vector256.Create(_words[Words + word]).AsByte();

    public Vector512<byte> Magnitudes512(int word) => Vector512.Create(_words[word]).AsByte();

    public Vector512<byte> Flips512(int word) => Vector512.Create(_words[Words + word]).AsByte();

    private static int Negative(uint magnitudes, uint flips)
    {
        // A byte of flips is 127 or 128: its highest bit is clear where the code is negative.
        uint mask = ((~flips & 0x80808080) >> 7) * 0xFF;
        uint negative = magnitudes & mask;
        return (int)((negative & 0xFF) + ((negative >> 8) & 0xFF) + ((negative >> 16) & 0xFF) + (negative >> 24));
    }
}
