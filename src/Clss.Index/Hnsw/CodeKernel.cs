using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clss.Index.Hnsw;

/// <summary>Integer dot products of a coded query with the codes of single rows. Every width gives the same numbers.</summary>
internal static unsafe class CodeKernel
{
    /// <summary>The products of the query with rows [count]; three more rows must follow, and their products have room, so that there is no tail.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(byte* codes, int* rows, int count, CodedQuery query, int* products)
    {
        if (AvxVnni.IsSupported)
        {
            ProductsVnni(codes, rows, count, query.Codes, query.Stride, products);
        }
        else if (Avx512BW.IsSupported)
        {
            Products512(codes, rows, count, query.Wide, query.Stride, products);
        }
        else if (Avx2.IsSupported)
        {
            Products256(codes, rows, count, query.Wide, query.Stride, products);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Products128(codes, rows, count, query.Wide, query.Stride, products);
        }
        else
        {
            ProductsScalar(codes, rows, count, query.Codes, query.Stride, products);
        }
    }

    /// <summary>Four rows at a time: 32 codes of a row a step into eight lanes, at the end the lanes of the four rows are added pairwise.</summary>
    public static void ProductsVnni(byte* codes, int* rows, int count, sbyte* query, int stride, int* products)
    {
        for (int i = 0; i < count; i += 4)
        {
            byte* a = codes + ((long)rows[i] * stride);
            byte* b = codes + ((long)rows[i + 1] * stride);
            byte* c = codes + ((long)rows[i + 2] * stride);
            byte* d = codes + ((long)rows[i + 3] * stride);
            Vector256<sbyte> q = Vector256.Load(query);
            Vector256<int> sumA = AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, Vector256.Load(a), q);
            Vector256<int> sumB = AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, Vector256.Load(b), q);
            Vector256<int> sumC = AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, Vector256.Load(c), q);
            Vector256<int> sumD = AvxVnni.MultiplyWideningAndAdd(Vector256<int>.Zero, Vector256.Load(d), q);
            for (int j = 32; j < stride; j += 32)
            {
                q = Vector256.Load(query + j);
                sumA = AvxVnni.MultiplyWideningAndAdd(sumA, Vector256.Load(a + j), q);
                sumB = AvxVnni.MultiplyWideningAndAdd(sumB, Vector256.Load(b + j), q);
                sumC = AvxVnni.MultiplyWideningAndAdd(sumC, Vector256.Load(c + j), q);
                sumD = AvxVnni.MultiplyWideningAndAdd(sumD, Vector256.Load(d + j), q);
            }

            Totals(sumA, sumB, sumC, sumD).Store(products + i);
        }
    }

    /// <summary>Codes widened to 16 bits: a step multiplies 32 and adds neighbours, into sixteen lanes.</summary>
    public static void Products512(byte* codes, int* rows, int count, short* query, int stride, int* products)
    {
        for (int i = 0; i < count; i += 4)
        {
            byte* a = codes + ((long)rows[i] * stride);
            byte* b = codes + ((long)rows[i + 1] * stride);
            byte* c = codes + ((long)rows[i + 2] * stride);
            byte* d = codes + ((long)rows[i + 3] * stride);
            Vector512<int> sumA = Vector512<int>.Zero;
            Vector512<int> sumB = sumA;
            Vector512<int> sumC = sumA;
            Vector512<int> sumD = sumA;
            for (int j = 0; j < stride; j += 32)
            {
                Vector512<short> q = Vector512.Load(query + j);
                sumA += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(a + j)), q);
                sumB += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(b + j)), q);
                sumC += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(c + j)), q);
                sumD += Avx512BW.MultiplyAddAdjacent(Avx512BW.ConvertToVector512Int16(Vector256.Load(d + j)), q);
            }

            Totals(sumA.GetLower() + sumA.GetUpper(), sumB.GetLower() + sumB.GetUpper(), sumC.GetLower() + sumC.GetUpper(), sumD.GetLower() + sumD.GetUpper())
                .Store(products + i);
        }
    }

    /// <summary>As <see cref="Products512"/>, 16 codes a step.</summary>
    public static void Products256(byte* codes, int* rows, int count, short* query, int stride, int* products)
    {
        for (int i = 0; i < count; i += 4)
        {
            byte* a = codes + ((long)rows[i] * stride);
            byte* b = codes + ((long)rows[i + 1] * stride);
            byte* c = codes + ((long)rows[i + 2] * stride);
            byte* d = codes + ((long)rows[i + 3] * stride);
            Vector256<int> sumA = Vector256<int>.Zero;
            Vector256<int> sumB = sumA;
            Vector256<int> sumC = sumA;
            Vector256<int> sumD = sumA;
            for (int j = 0; j < stride; j += 16)
            {
                Vector256<short> q = Vector256.Load(query + j);
                sumA += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(a + j)), q);
                sumB += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(b + j)), q);
                sumC += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(c + j)), q);
                sumD += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.Load(d + j)), q);
            }

            Totals(sumA, sumB, sumC, sumD).Store(products + i);
        }
    }

    /// <summary>One row at a time; a product of a code (at most 255) and a query code (at most 127) fits in 16 bits signed.</summary>
    public static void Products128(byte* codes, int* rows, int count, short* query, int stride, int* products)
    {
        for (int i = 0; i < count; i++)
        {
            byte* row = codes + ((long)rows[i] * stride);
            Vector128<int> sums = Vector128<int>.Zero;
            for (int j = 0; j < stride; j += 16)
            {
                Vector128<byte> code = Vector128.Load(row + j);
                Vector128<short> low = Vector128.WidenLower(code).AsInt16() * Vector128.Load(query + j);
                Vector128<short> high = Vector128.WidenUpper(code).AsInt16() * Vector128.Load(query + j + 8);
                sums += Vector128.WidenLower(low) + Vector128.WidenUpper(low) + Vector128.WidenLower(high) + Vector128.WidenUpper(high);
            }

            products[i] = Vector128.Sum(sums);
        }
    }

    public static void ProductsScalar(byte* codes, int* rows, int count, sbyte* query, int stride, int* products)
    {
        for (int i = 0; i < count; i++)
        {
            byte* row = codes + ((long)rows[i] * stride);
            int sum = 0;
            for (int j = 0; j < stride; j++)
            {
                sum += row[j] * query[j];
            }

            products[i] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Totals(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        Vector256<int> sums = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return sums.GetLower() + sums.GetUpper();
    }
}
