using System.Runtime.Intrinsics;
using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Finds the nearest of many centroids for each of 64 rows: the centroid c with the greatest x·c - ‖c‖²/2, the first of equals. The tile of rows is
/// transposed [stride, 64], centroids come four at a time with their elements in turn [stride, 4], so sums never cross lanes.
/// </summary>
internal static unsafe class NearestKernel
{
    /// <summary>Centroids taken at a time.</summary>
    public const int Quad = 4;

    /// <summary>Compares the rows with the centroids <paramref name="first"/> to first + 3 and keeps the better of what was best [64] and these.</summary>
    public static void Update(float* tile, int stride, float* quad, float* halfNorms, int first, float* best, int* nearest)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Update512(tile, stride, quad, halfNorms, first, best, nearest);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            Update256(tile, stride, quad, halfNorms, first, best, nearest);
        }
        else
        {
            Update128(tile, stride, quad, halfNorms, first, best, nearest);
        }
    }

    /// <summary>All 64 rows in four registers by four centroids: 16 sums stay in registers over all elements.</summary>
    public static void Update512(float* tile, int stride, float* quad, float* halfNorms, int first, float* best, int* nearest)
    {
        Vector512<float> a0 = Vector512.Create(-halfNorms[0]), a1 = a0, a2 = a0, a3 = a0;
        Vector512<float> b0 = Vector512.Create(-halfNorms[1]), b1 = b0, b2 = b0, b3 = b0;
        Vector512<float> c0 = Vector512.Create(-halfNorms[2]), c1 = c0, c2 = c0, c3 = c0;
        Vector512<float> d0 = Vector512.Create(-halfNorms[3]), d1 = d0, d2 = d0, d3 = d0;
        for (int i = 0; i < stride; i++, tile += VectorLayout.TileRows, quad += Quad)
        {
            Vector512<float> r0 = Vector512.Load(tile);
            Vector512<float> r1 = Vector512.Load(tile + 16);
            Vector512<float> r2 = Vector512.Load(tile + 32);
            Vector512<float> r3 = Vector512.Load(tile + 48);
            Vector512<float> q = Vector512.Create(quad[0]);
            a0 = Vector512.MultiplyAddEstimate(q, r0, a0);
            a1 = Vector512.MultiplyAddEstimate(q, r1, a1);
            a2 = Vector512.MultiplyAddEstimate(q, r2, a2);
            a3 = Vector512.MultiplyAddEstimate(q, r3, a3);
            q = Vector512.Create(quad[1]);
            b0 = Vector512.MultiplyAddEstimate(q, r0, b0);
            b1 = Vector512.MultiplyAddEstimate(q, r1, b1);
            b2 = Vector512.MultiplyAddEstimate(q, r2, b2);
            b3 = Vector512.MultiplyAddEstimate(q, r3, b3);
            q = Vector512.Create(quad[2]);
            c0 = Vector512.MultiplyAddEstimate(q, r0, c0);
            c1 = Vector512.MultiplyAddEstimate(q, r1, c1);
            c2 = Vector512.MultiplyAddEstimate(q, r2, c2);
            c3 = Vector512.MultiplyAddEstimate(q, r3, c3);
            q = Vector512.Create(quad[3]);
            d0 = Vector512.MultiplyAddEstimate(q, r0, d0);
            d1 = Vector512.MultiplyAddEstimate(q, r1, d1);
            d2 = Vector512.MultiplyAddEstimate(q, r2, d2);
            d3 = Vector512.MultiplyAddEstimate(q, r3, d3);
        }

        Keep512(a0, b0, c0, d0, first, best, nearest);
        Keep512(a1, b1, c1, d1, first, best + 16, nearest + 16);
        Keep512(a2, b2, c2, d2, first, best + 32, nearest + 32);
        Keep512(a3, b3, c3, d3, first, best + 48, nearest + 48);
    }

    /// <summary>16 rows in two registers by four centroids, four times.</summary>
    public static void Update256(float* tile, int stride, float* quad, float* halfNorms, int first, float* best, int* nearest)
    {
        for (int row = 0; row < VectorLayout.TileRows; row += 16)
        {
            Vector256<float> a0 = Vector256.Create(-halfNorms[0]), a1 = a0;
            Vector256<float> b0 = Vector256.Create(-halfNorms[1]), b1 = b0;
            Vector256<float> c0 = Vector256.Create(-halfNorms[2]), c1 = c0;
            Vector256<float> d0 = Vector256.Create(-halfNorms[3]), d1 = d0;
            float* rows = tile + row;
            float* element = quad;
            for (int i = 0; i < stride; i++, rows += VectorLayout.TileRows, element += Quad)
            {
                Vector256<float> r0 = Vector256.Load(rows);
                Vector256<float> r1 = Vector256.Load(rows + 8);
                Vector256<float> q = Vector256.Create(element[0]);
                a0 = Vector256.MultiplyAddEstimate(q, r0, a0);
                a1 = Vector256.MultiplyAddEstimate(q, r1, a1);
                q = Vector256.Create(element[1]);
                b0 = Vector256.MultiplyAddEstimate(q, r0, b0);
                b1 = Vector256.MultiplyAddEstimate(q, r1, b1);
                q = Vector256.Create(element[2]);
                c0 = Vector256.MultiplyAddEstimate(q, r0, c0);
                c1 = Vector256.MultiplyAddEstimate(q, r1, c1);
                q = Vector256.Create(element[3]);
                d0 = Vector256.MultiplyAddEstimate(q, r0, d0);
                d1 = Vector256.MultiplyAddEstimate(q, r1, d1);
            }

            Keep256(a0, b0, c0, d0, first, best + row, nearest + row);
            Keep256(a1, b1, c1, d1, first, best + row + 8, nearest + row + 8);
        }
    }

    /// <summary>Four rows by one centroid; without hardware for it, the runtime computes lane by lane.</summary>
    public static void Update128(float* tile, int stride, float* quad, float* halfNorms, int first, float* best, int* nearest)
    {
        for (int centroid = 0; centroid < Quad; centroid++)
        {
            for (int row = 0; row < VectorLayout.TileRows; row += 4)
            {
                Vector128<float> sum = Vector128.Create(-halfNorms[centroid]);
                for (int i = 0; i < stride; i++)
                {
                    sum = Vector128.MultiplyAddEstimate(Vector128.Create(quad[(i * Quad) + centroid]), Vector128.Load(tile + (i * VectorLayout.TileRows) + row), sum);
                }

                Vector128<float> old = Vector128.Load(best + row);
                Vector128<float> isBetter = Vector128.GreaterThan(sum, old);
                Vector128.ConditionalSelect(isBetter, sum, old).Store(best + row);
                Vector128.ConditionalSelect(isBetter.AsInt32(), Vector128.Create(first + centroid), Vector128.Load(nearest + row)).Store(nearest + row);
            }
        }
    }

    private static void Keep512(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, int first, float* best, int* nearest)
    {
        Vector512<float> value = Vector512.Load(best);
        Vector512<int> id = Vector512.Load(nearest);
        Vector512<float> isBetter = Vector512.GreaterThan(a, value);
        value = Vector512.ConditionalSelect(isBetter, a, value);
        id = Vector512.ConditionalSelect(isBetter.AsInt32(), Vector512.Create(first), id);
        isBetter = Vector512.GreaterThan(b, value);
        value = Vector512.ConditionalSelect(isBetter, b, value);
        id = Vector512.ConditionalSelect(isBetter.AsInt32(), Vector512.Create(first + 1), id);
        isBetter = Vector512.GreaterThan(c, value);
        value = Vector512.ConditionalSelect(isBetter, c, value);
        id = Vector512.ConditionalSelect(isBetter.AsInt32(), Vector512.Create(first + 2), id);
        isBetter = Vector512.GreaterThan(d, value);
        Vector512.ConditionalSelect(isBetter, d, value).Store(best);
        Vector512.ConditionalSelect(isBetter.AsInt32(), Vector512.Create(first + 3), id).Store(nearest);
    }

    private static void Keep256(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, int first, float* best, int* nearest)
    {
        Vector256<float> value = Vector256.Load(best);
        Vector256<int> id = Vector256.Load(nearest);
        Vector256<float> isBetter = Vector256.GreaterThan(a, value);
        value = Vector256.ConditionalSelect(isBetter, a, value);
        id = Vector256.ConditionalSelect(isBetter.AsInt32(), Vector256.Create(first), id);
        isBetter = Vector256.GreaterThan(b, value);
        value = Vector256.ConditionalSelect(isBetter, b, value);
        id = Vector256.ConditionalSelect(isBetter.AsInt32(), Vector256.Create(first + 1), id);
        isBetter = Vector256.GreaterThan(c, value);
        value = Vector256.ConditionalSelect(isBetter, c, value);
        id = Vector256.ConditionalSelect(isBetter.AsInt32(), Vector256.Create(first + 2), id);
        isBetter = Vector256.GreaterThan(d, value);
        Vector256.ConditionalSelect(isBetter, d, value).Store(best);
        Vector256.ConditionalSelect(isBetter.AsInt32(), Vector256.Create(first + 3), id).Store(nearest);
    }
}
