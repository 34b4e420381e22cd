using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>
/// Finds which rows of a tile may exceed the limits of four queries. The tile is transposed once for all queries, [stride, 64]: rows lie in the lanes,
/// an element of a query is broadcast, and sums never cross lanes. Values are within <see cref="ErrorBound.Float32"/> of the similarity.
/// </summary>
internal static unsafe class Float32BatchKernel
{
    /// <summary>Writes the transpose of a tile [64, stride] to [stride, 64].</summary>
    public static void Transpose(float* rows, int stride, float* tile)
    {
        if (Avx.IsSupported && Vector256.IsHardwareAccelerated)
        {
            Transpose256(rows, stride, tile);
        }
        else
        {
            TransposeScalar(rows, stride, tile);
        }
    }

    /// <summary>Writes to <paramref name="masks"/> [4] the rows that exceed each query's limit [4]; queries are interleaved [stride, 4].</summary>
    public static void Exceeding(float* tile, int stride, float* queries, float* limits, ulong* masks)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Exceeding512(tile, stride, queries, limits, masks);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Exceeding256(tile, stride, queries, limits, masks);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            Exceeding128(tile, stride, queries, limits, masks);
        }
        else
        {
            ExceedingScalar(tile, stride, queries, limits, masks);
        }
    }

    /// <summary>8 rows by 4 columns at a time: 128-bit loads of rows r and r + 4 side by side, then a 4 by 4 transpose within each half.</summary>
    public static void Transpose256(float* rows, int stride, float* tile)
    {
        for (int row = 0; row < VectorLayout.TileRows; row += 8)
        {
            float* first = rows + (row * stride);
            for (int column = 0; column < stride; column += 4)
            {
                float* from = first + column;
                Vector256<float> a = Vector256.Create(Vector128.Load(from), Vector128.Load(from + (4 * stride)));
                Vector256<float> b = Vector256.Create(Vector128.Load(from + stride), Vector128.Load(from + (5 * stride)));
                Vector256<float> c = Vector256.Create(Vector128.Load(from + (2 * stride)), Vector128.Load(from + (6 * stride)));
                Vector256<float> d = Vector256.Create(Vector128.Load(from + (3 * stride)), Vector128.Load(from + (7 * stride)));
                Vector256<double> abLow = Avx.UnpackLow(a, b).AsDouble();
                Vector256<double> abHigh = Avx.UnpackHigh(a, b).AsDouble();
                Vector256<double> cdLow = Avx.UnpackLow(c, d).AsDouble();
                Vector256<double> cdHigh = Avx.UnpackHigh(c, d).AsDouble();
                float* to = tile + (column * VectorLayout.TileRows) + row;
                Avx.UnpackLow(abLow, cdLow).AsSingle().Store(to);
                Avx.UnpackHigh(abLow, cdLow).AsSingle().Store(to + VectorLayout.TileRows);
                Avx.UnpackLow(abHigh, cdHigh).AsSingle().Store(to + (2 * VectorLayout.TileRows));
                Avx.UnpackHigh(abHigh, cdHigh).AsSingle().Store(to + (3 * VectorLayout.TileRows));
            }
        }
    }

    public static void TransposeScalar(float* rows, int stride, float* tile)
    {
        for (int row = 0; row < VectorLayout.TileRows; row++)
        {
            for (int column = 0; column < stride; column++)
            {
                tile[(column * VectorLayout.TileRows) + row] = rows[(row * stride) + column];
            }
        }
    }

    /// <summary>All 64 rows in four registers by four queries: 16 sums stay in registers over all elements.</summary>
    public static void Exceeding512(float* tile, int stride, float* queries, float* limits, ulong* masks)
    {
        Vector512<float> a0 = default, a1 = default, a2 = default, a3 = default;
        Vector512<float> b0 = default, b1 = default, b2 = default, b3 = default;
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default;
        Vector512<float> d0 = default, d1 = default, d2 = default, d3 = default;
        for (int i = 0; i < stride; i++, tile += VectorLayout.TileRows, queries += QueryGroups.Size)
        {
            Vector512<float> r0 = Vector512.Load(tile);
            Vector512<float> r1 = Vector512.Load(tile + 16);
            Vector512<float> r2 = Vector512.Load(tile + 32);
            Vector512<float> r3 = Vector512.Load(tile + 48);
            Vector512<float> q = Vector512.Create(queries[0]);
            a0 = Vector512.MultiplyAddEstimate(q, r0, a0);
            a1 = Vector512.MultiplyAddEstimate(q, r1, a1);
            a2 = Vector512.MultiplyAddEstimate(q, r2, a2);
            a3 = Vector512.MultiplyAddEstimate(q, r3, a3);
            q = Vector512.Create(queries[1]);
            b0 = Vector512.MultiplyAddEstimate(q, r0, b0);
            b1 = Vector512.MultiplyAddEstimate(q, r1, b1);
            b2 = Vector512.MultiplyAddEstimate(q, r2, b2);
            b3 = Vector512.MultiplyAddEstimate(q, r3, b3);
            q = Vector512.Create(queries[2]);
            c0 = Vector512.MultiplyAddEstimate(q, r0, c0);
            c1 = Vector512.MultiplyAddEstimate(q, r1, c1);
            c2 = Vector512.MultiplyAddEstimate(q, r2, c2);
            c3 = Vector512.MultiplyAddEstimate(q, r3, c3);
            q = Vector512.Create(queries[3]);
            d0 = Vector512.MultiplyAddEstimate(q, r0, d0);
            d1 = Vector512.MultiplyAddEstimate(q, r1, d1);
            d2 = Vector512.MultiplyAddEstimate(q, r2, d2);
            d3 = Vector512.MultiplyAddEstimate(q, r3, d3);
        }

        masks[0] = Mask512(a0, a1, a2, a3, limits[0]);
        masks[1] = Mask512(b0, b1, b2, b3, limits[1]);
        masks[2] = Mask512(c0, c1, c2, c3, limits[2]);
        masks[3] = Mask512(d0, d1, d2, d3, limits[3]);
    }

    /// <summary>16 rows in two registers by four queries, four times.</summary>
    public static void Exceeding256(float* tile, int stride, float* queries, float* limits, ulong* masks)
    {
        new Span<ulong>(masks, QueryGroups.Size).Clear();
        for (int row = 0; row < VectorLayout.TileRows; row += 16)
        {
            Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default;
            Vector256<float> c0 = default, c1 = default, d0 = default, d1 = default;
            float* rows = tile + row;
            float* query = queries;
            for (int i = 0; i < stride; i++, rows += VectorLayout.TileRows, query += QueryGroups.Size)
            {
                Vector256<float> r0 = Vector256.Load(rows);
                Vector256<float> r1 = Vector256.Load(rows + 8);
                Vector256<float> q = Vector256.Create(query[0]);
                a0 = Vector256.MultiplyAddEstimate(q, r0, a0);
                a1 = Vector256.MultiplyAddEstimate(q, r1, a1);
                q = Vector256.Create(query[1]);
                b0 = Vector256.MultiplyAddEstimate(q, r0, b0);
                b1 = Vector256.MultiplyAddEstimate(q, r1, b1);
                q = Vector256.Create(query[2]);
                c0 = Vector256.MultiplyAddEstimate(q, r0, c0);
                c1 = Vector256.MultiplyAddEstimate(q, r1, c1);
                q = Vector256.Create(query[3]);
                d0 = Vector256.MultiplyAddEstimate(q, r0, d0);
                d1 = Vector256.MultiplyAddEstimate(q, r1, d1);
            }

            masks[0] |= Mask256(a0, a1, limits[0]) << row;
            masks[1] |= Mask256(b0, b1, limits[1]) << row;
            masks[2] |= Mask256(c0, c1, limits[2]) << row;
            masks[3] |= Mask256(d0, d1, limits[3]) << row;
        }
    }

    public static void Exceeding128(float* tile, int stride, float* queries, float* limits, ulong* masks)
    {
        new Span<ulong>(masks, QueryGroups.Size).Clear();
        for (int row = 0; row < VectorLayout.TileRows; row += 4)
        {
            Vector128<float> a = default, b = default, c = default, d = default;
            float* rows = tile + row;
            float* query = queries;
            for (int i = 0; i < stride; i++, rows += VectorLayout.TileRows, query += QueryGroups.Size)
            {
                Vector128<float> r = Vector128.Load(rows);
                a = Vector128.MultiplyAddEstimate(Vector128.Create(query[0]), r, a);
                b = Vector128.MultiplyAddEstimate(Vector128.Create(query[1]), r, b);
                c = Vector128.MultiplyAddEstimate(Vector128.Create(query[2]), r, c);
                d = Vector128.MultiplyAddEstimate(Vector128.Create(query[3]), r, d);
            }

            masks[0] |= (ulong)Vector128.GreaterThan(a, Vector128.Create(limits[0])).ExtractMostSignificantBits() << row;
            masks[1] |= (ulong)Vector128.GreaterThan(b, Vector128.Create(limits[1])).ExtractMostSignificantBits() << row;
            masks[2] |= (ulong)Vector128.GreaterThan(c, Vector128.Create(limits[2])).ExtractMostSignificantBits() << row;
            masks[3] |= (ulong)Vector128.GreaterThan(d, Vector128.Create(limits[3])).ExtractMostSignificantBits() << row;
        }
    }

    public static void ExceedingScalar(float* tile, int stride, float* queries, float* limits, ulong* masks)
    {
        for (int query = 0; query < QueryGroups.Size; query++)
        {
            masks[query] = 0;
            for (int row = 0; row < VectorLayout.TileRows; row++)
            {
                float sum = 0;
                for (int i = 0; i < stride; i++)
                {
                    sum += queries[(i * QueryGroups.Size) + query] * tile[(i * VectorLayout.TileRows) + row];
                }

                masks[query] |= sum > limits[query] ? 1UL << row : 0;
            }
        }
    }

    private static ulong Mask512(Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, float limit)
    {
        Vector512<float> limits = Vector512.Create(limit);
        return Vector512.GreaterThan(s0, limits).ExtractMostSignificantBits()
            | (Vector512.GreaterThan(s1, limits).ExtractMostSignificantBits() << 16)
            | (Vector512.GreaterThan(s2, limits).ExtractMostSignificantBits() << 32)
            | (Vector512.GreaterThan(s3, limits).ExtractMostSignificantBits() << 48);
    }

    private static ulong Mask256(Vector256<float> s0, Vector256<float> s1, float limit)
    {
        Vector256<float> limits = Vector256.Create(limit);
        return Vector256.GreaterThan(s0, limits).ExtractMostSignificantBits() | ((ulong)Vector256.GreaterThan(s1, limits).ExtractMostSignificantBits() << 8);
    }
}
