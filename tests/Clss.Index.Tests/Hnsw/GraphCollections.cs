using Clss.Index.Hnsw;
using Clss.Index.Tests.Cells;

namespace Clss.Index.Tests.Hnsw;

/// <summary>Collections whose partitions have graphs.</summary>
internal static class GraphCollections
{
    /// <summary>As for cells, with light graphs in every partition.</summary>
    public static CollectionOptions Options(int dimension, int efConstruction = 60) => CellData.Options(dimension) with
    {
        Index = new IndexOptions { Kind = IndexKind.Hnsw, Hnsw = new HnswParameters { M = 12, EfConstruction = efConstruction } },
    };

    /// <summary>Makes sure that a test of graphs tests them.</summary>
    public static void RequireGraphs(VectorCollection collection) => Assert.All(collection.Info.Partitions, partition =>
    {
        Assert.Equal((IndexKind.Hnsw, 0), (partition.Index, partition.Cells));
        Assert.True(partition.IndexBytes > partition.Count * 24L);
    });
}
