using System.Diagnostics.CodeAnalysis;

namespace Clss.Index.Hnsw;

/// <summary>
/// A graph as the walks see it: pointers to its levels and to the codes of its rows, in memory that a builder or a mapped file owns.
/// A graph that a builder grows changes with it: no search may run while rows are added.
/// </summary>
internal sealed unsafe class HnswGraph
{
    /// <summary>Far above ln(2^31) / ln(M) for the M that are used; levels of rows are capped here.</summary>
    public const int MaximumLevels = 16;

    private readonly string _file;
    private readonly string _section;

    public HnswGraph(HnswParameters parameters, int vectorStride, string file, string section)
    {
        Parameters = parameters;
        VectorStride = vectorStride;
        CodeStride = RowCodes.Stride(vectorStride);
        _file = file;
        _section = section;
    }

    public HnswParameters Parameters { get; }

    /// <summary>Levels, the lowest first; at least one.</summary>
    public GraphLevel[] Levels { get; } = new GraphLevel[MaximumLevels];

    public int LevelCount { get; set; } = 1;

    /// <summary>The node of the highest level where walks begin; -1 while there are no rows.</summary>
    public int Entry { get; set; } = -1;

    /// <summary>Rows, which are the nodes of level 0.</summary>
    public int Count => Levels[0].Count;

    /// <summary>Floats per vector, padded.</summary>
    public int VectorStride { get; }

    /// <summary>Codes per row, padded.</summary>
    public int CodeStride { get; }

    /// <summary>See <see cref="RowCodes"/>.</summary>
    public float CodeScale { get; set; }

    /// <summary>Codes [Count, CodeStride].</summary>
    public byte* Codes { get; set; }

    /// <summary>Reports a link or row that leads nowhere.</summary>
    [DoesNotReturn]
    public void ThrowBadNode(int level, int node) =>
        throw Corrupt($"Level {level} leads to node {(uint)node}, which it does not have.");

    public CorruptCollectionException Corrupt(string problem) => new(_file, _section, problem);

    /// <summary>Bytes of codes and links.</summary>
    public long Bytes
    {
        get
        {
            long bytes = (long)Count * CodeStride;
            for (int level = 0; level < LevelCount; level++)
            {
                bytes += (long)Levels[level].Count * (Levels[level].Degree + (level > 0 ? 2 : 0)) * sizeof(int);
            }

            return bytes;
        }
    }
}
