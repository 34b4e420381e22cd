using System.Runtime.InteropServices;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>
/// The queries of a batch, four to a group, element by element in turn, so that a kernel takes one element of four queries with one load each.
/// Places without a query are zero, with a limit that nothing exceeds.
/// </summary>
internal sealed unsafe class QueryGroups : IDisposable
{
    public const int Size = 4;

    private const nuint Alignment = 64;

    private readonly double _lengthError;

    /// <summary>Makes room for queries, to be compared with rows whose lengths differ from 1 by so much at most.</summary>
    public QueryGroups(int stride, int queries, double lengthError = UnitVector.Tolerance)
    {
        _lengthError = lengthError;
        Stride = stride;
        Queries = queries;
        Groups = (queries + Size - 1) / Size;
        nuint elements = (nuint)Groups * Size * (nuint)stride;
        Rows = (float*)NativeMemory.AlignedAlloc(elements * sizeof(float), Alignment);
        Interleaved = (float*)NativeMemory.AlignedAlloc(elements * sizeof(float), Alignment);
        Words = (int*)NativeMemory.AlignedAlloc(elements, Alignment);
        WordsInterleaved = (int*)NativeMemory.AlignedAlloc(elements, Alignment);
        NativeMemory.Clear(Rows, elements * sizeof(float));
        NativeMemory.Clear(Words, elements);
        Codes = new Int8Query[Groups * Size];
        Bounds = (float*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, Groups) * 4 * Size * sizeof(float), Alignment);
    }

    public int Stride { get; }

    public int Queries { get; }

    public int Groups { get; }

    /// <summary>The queries one after the other [groups * 4, stride].</summary>
    public float* Rows { get; private set; }

    /// <summary>[groups, stride, 4].</summary>
    public float* Interleaved { get; private set; }

    /// <summary>Codes of the queries, four to a word [groups * 4, stride / 4].</summary>
    public int* Words { get; private set; }

    /// <summary>[groups, stride / 4, 4].</summary>
    public int* WordsInterleaved { get; private set; }

    public Int8Query[] Codes { get; }

    /// <summary>What the int8 kernel needs of four queries at a time: [groups, 4, 4], the rows being the bias (as integers), the inverse scale, and both parts of the error bound.</summary>
    public float* Bounds { get; private set; }

    /// <summary>Completes the other forms of the queries once <see cref="Rows"/> is filled.</summary>
    public void Prepare()
    {
        int words = Stride / sizeof(int);
        for (int query = 0; query < Groups * Size; query++)
        {
            if (query < Queries)
            {
                Codes[query] = new Int8Query(Rows + ((long)query * Stride), Stride, Words + ((long)query * words), _lengthError);
            }

            long group = query / Size;
            float* bounds = Bounds + (group * 4 * Size) + (query % Size);
            *(int*)bounds = Codes[query].Bias;
            bounds[Size] = query < Queries ? 1 / Codes[query].Scale : 1;
            bounds[2 * Size] = Codes[query].PerError;
            bounds[3 * Size] = Codes[query].Constant;
            for (int i = 0; i < Stride; i++)
            {
                Interleaved[(((group * Stride) + i) * Size) + (query % Size)] = Rows[((long)query * Stride) + i];
            }

            for (int i = 0; i < words; i++)
            {
                WordsInterleaved[(((group * words) + i) * Size) + (query % Size)] = Words[((long)query * words) + i];
            }
        }
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Rows);
        NativeMemory.AlignedFree(Interleaved);
        NativeMemory.AlignedFree(Words);
        NativeMemory.AlignedFree(WordsInterleaved);
        NativeMemory.AlignedFree(Bounds);
        Bounds = null;
        Rows = null;
        Interleaved = null;
        Words = null;
        WordsInterleaved = null;
    }
}
