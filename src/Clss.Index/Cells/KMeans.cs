using Clss.Index.Vectors;

namespace Clss.Index.Cells;

/// <summary>
/// Lloyd's k-means on rows. The result depends on the rows and the seed alone, not on the number of threads: every row is assigned by itself, and
/// every mean adds its rows in ascending order.
/// </summary>
internal static unsafe class KMeans
{
    /// <summary>Trains up to k centroids [k, stride] on the rows listed; fewer where there are fewer rows.</summary>
    public static float[] Train(in RowSource rows, int[] ids, int k, int iterations, ulong seed, int threads)
    {
        k = Math.Min(k, ids.Length);
        var centroids = new float[(long)k * rows.Stride];
        int[] chosen = Choose(ids, k, seed);
        for (int c = 0; c < k; c++)
        {
            rows.CopyTo(chosen[c], centroids.AsSpan(c * rows.Stride, rows.Stride));
        }

        var nearest = new int[ids.Length];
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            using (var set = new CentroidSet(centroids, rows.Stride))
            {
                Assign(rows, ids, set, nearest, threads);
            }

            UpdateMeans(rows, ids, nearest, centroids, seed + (ulong)iteration + 1, threads);
        }

        return centroids;
    }

    /// <summary>The nearest centroid of each row listed.</summary>
    public static void Assign(RowSource rows, int[] ids, CentroidSet centroids, int[] nearest, int threads)
    {
        int tiles = (ids.Length + RowTile.Rows - 1) / RowTile.Rows;
        Work.ForEach(tiles, threads, () => new RowTile(rows.Stride), (tile, work) =>
        {
            int start = tile * RowTile.Rows;
            int count = Math.Min(RowTile.Rows, ids.Length - start);
            work.Load(rows, ids.AsSpan(start, count));
            work.Compare(centroids, 0);
            work.Nearest[..count].CopyTo(nearest.AsSpan(start));
        });
    }

    /// <summary>Replaces each centroid by the mean of its rows. One without rows takes the place of a row chosen at random: it was of no use where it was.</summary>
    public static void UpdateMeans(RowSource rows, int[] ids, int[] nearest, float[] centroids, ulong seed, int threads)
    {
        int count = centroids.Length / rows.Stride;
        (int[] starts, int[] members) = GroupRows.By(nearest, count);
        const int Piece = 64;
        Work.ForEach((count + Piece - 1) / Piece, threads, piece =>
        {
            var sums = new double[rows.Stride];
            var room = new float[rows.Stride];
            for (int c = piece * Piece; c < Math.Min(count, (piece + 1) * Piece); c++)
            {
                Span<float> centroid = centroids.AsSpan(c * rows.Stride, rows.Stride);
                if (starts[c] == starts[c + 1])
                {
                    int row = ids[(int)(SplitMix.Hash(seed, (ulong)c) % (ulong)ids.Length)];
                    rows.CopyTo(row, centroid);
                    continue;
                }

                Array.Clear(sums);
                fixed (float* memory = room)
                {
                    for (int i = starts[c]; i < starts[c + 1]; i++)
                    {
                        float* row = rows.Row(ids[members[i]], memory);
                        for (int j = 0; j < sums.Length; j++)
                        {
                            sums[j] += row[j];
                        }
                    }
                }

                for (int j = 0; j < sums.Length; j++)
                {
                    centroid[j] = (float)(sums[j] / (starts[c + 1] - starts[c]));
                }
            }
        });
    }

    /// <summary>k of the ids, each place as likely, by a partial shuffle.</summary>
    private static int[] Choose(int[] ids, int k, ulong seed)
    {
        var shuffled = (int[])ids.Clone();
        for (int i = 0; i < k; i++)
        {
            int other = i + (int)(SplitMix.Hash(seed, (ulong)i) % (ulong)(ids.Length - i));
            (shuffled[i], shuffled[other]) = (shuffled[other], shuffled[i]);
        }

        return shuffled[..k];
    }
}
