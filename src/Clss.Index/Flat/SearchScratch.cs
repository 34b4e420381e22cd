using System.Runtime.InteropServices;
using Clss.Index.Cells;
using Clss.Index.Hnsw;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>The working memory of one search: the query at unit length with zero padding, and its codes.</summary>
internal sealed unsafe class SearchScratch : IDisposable
{
    private const nuint Alignment = 64;

    private HnswScratch? _hnsw;
    private SearchTally? _tally;
    private Neighbor[] _found = [];
    private float* _tile;

    public SearchScratch(int stride)
    {
        Stride = stride;
        Query = (float*)NativeMemory.AlignedAlloc((nuint)stride * sizeof(float), Alignment);
        Words = (int*)NativeMemory.AlignedAlloc((nuint)stride, Alignment);
        new Span<float>(Query, stride).Clear();
        new Span<int>(Words, stride / sizeof(int)).Clear();
    }

    public int Stride { get; }

    /// <summary>The query [stride].</summary>
    public float* Query { get; private set; }

    /// <summary>Room for the query's codes [stride / 4].</summary>
    public int* Words { get; private set; }

    /// <summary>Room for a tile of rows [64, stride], where rows have to be decoded.</summary>
    public float* Tile
    {
        get
        {
            if (_tile is null)
            {
                _tile = (float*)NativeMemory.AlignedAlloc((nuint)VectorLayout.TileRows * (nuint)Stride * sizeof(float), Alignment);
            }

            return _tile;
        }
    }

    /// <summary>What walks through graphs need.</summary>
    public HnswScratch Hnsw => _hnsw ??= new HnswScratch(Stride);

    /// <summary>What searches through cells need.</summary>
    public CellScratch Cells { get; } = new();

    /// <summary>Where the search that runs notes what it did; null where nobody asks.</summary>
    public SearchTally? Tally { get; private set; }

    /// <summary>Makes the next search note what it does, or not.</summary>
    public void SetTally(bool isWanted)
    {
        Tally = isWanted ? _tally ??= new SearchTally() : null;
        Tally?.Begin();
    }

    /// <summary>Room for what an index finds.</summary>
    public Span<Neighbor> Found(int count)
    {
        if (_found.Length < count)
        {
            _found = new Neighbor[count];
        }

        return _found.AsSpan(0, count);
    }

    /// <summary>Takes over a query of the collection's dimension, normalised; its number names it in errors, where there are several.</summary>
    public void SetQuery(ReadOnlySpan<float> vector, int dimension, int number = -1)
    {
        if (vector.Length != dimension)
        {
            throw new ClssIndexException($"The query vector has {vector.Length} elements; the collection holds vectors of {dimension}.");
        }

        UnitVector.Normalize(vector, new Span<float>(Query, dimension), "Query", number);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Query);
        NativeMemory.AlignedFree(Words);
        NativeMemory.AlignedFree(_tile);
        _tile = null;
        Query = null;
        Words = null;
        Cells.Dispose();
        _hnsw?.Dispose();
    }
}
