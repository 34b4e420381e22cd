using Clss.Index;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Formats.Tsv;

namespace Clss.Ingest;

/// <summary>Stores the rows of an array with the rows of a table.</summary>
internal static class VectorImport
{
    // Elements read and stored at once: 4,096 vectors of 32.
    private const int BlockElements = 1 << 17;

    /// <summary>Stores every vector that can be searched, and lists the others. Returns how many were stored.</summary>
    public static long Store(
        NpyReader vectors,
        string vectorsPath,
        MetadataTable? table,
        VectorCollection collection,
        string partition,
        SkipReport skipped,
        CancellationToken cancellationToken)
    {
        using IEnumerator<MetadataRow> rows = (table?.ReadRows() ?? NumberedRows(vectors.Rows)).GetEnumerator();
        float[] block = new float[Math.Max(1, BlockElements / vectors.Columns) * vectors.Columns];
        long row = 0;
        long stored = 0;
        while (vectors.ReadRows(block) is int count and > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entries = new List<VectorEntry>(count);
            for (int i = 0; i < count; i++, row++)
            {
                if (!rows.MoveNext())
                {
                    throw new ClssIngestException("The table of metadata was changed while it was read.");
                }

                ReadOnlyMemory<float> vector = block.AsMemory(i * vectors.Columns, vectors.Columns);
                if (!IsUsable(vector.Span))
                {
                    skipped.Add(new RejectedRecord(vectorsPath, 0, rows.Current.Key, RejectionReasons.BadVector, $"row {row} (from 0) is zero or holds a value that is no finite number"));
                    continue;
                }

                entries.Add(new VectorEntry
                {
                    Key = rows.Current.Key,
                    Partition = rows.Current.Partition.Length > 0 ? rows.Current.Partition : partition,
                    Vector = vector,
                    Metadata = rows.Current.Metadata,
                });
            }

            collection.Upsert(entries);
            stored += entries.Count;
        }

        return stored > 0 ? stored : throw new ClssIngestException($"{vectorsPath} holds no vector that can be stored.");
    }

    private static IEnumerable<MetadataRow> NumberedRows(long count)
    {
        for (long row = 0; row < count; row++)
        {
            yield return new MetadataRow(row.ToString(System.Globalization.CultureInfo.InvariantCulture), "", new Dictionary<string, MetadataValue>(), 0);
        }
    }

    private static bool IsUsable(ReadOnlySpan<float> vector)
    {
        double sum = 0;
        foreach (float value in vector)
        {
            sum += (double)value * value;
        }

        return double.IsFinite(sum) && sum > 0;
    }
}
