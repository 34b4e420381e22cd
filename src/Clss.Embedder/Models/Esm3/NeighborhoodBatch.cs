using System.Runtime.InteropServices;
using Clss.Embedder.Tensors;

namespace Clss.Embedder.Models.Esm3;

/// <summary>Neighbourhoods of residues, packed end to end.</summary>
internal sealed class NeighborhoodBatch(int neighbors, int mostRows)
{
    private readonly List<int> _lengths = [];
    private readonly List<int> _offsets = [];
    private readonly List<float> _frames = [];

    /// <summary>Neighbourhoods in the batch.</summary>
    public int Count => _lengths.Count;

    /// <summary>Rows of all neighbourhoods.</summary>
    public int Rows => _offsets.Count;

    /// <summary>Whether another neighbourhood might not fit.</summary>
    public bool IsFull => Rows + neighbors > mostRows;

    /// <summary>For each row the embedding of its offset in the chain.</summary>
    public ReadOnlySpan<int> Offsets => CollectionsMarshal.AsSpan(_offsets);

    /// <summary>For each row its residue's frame [Rows, 13].</summary>
    public ReadOnlySpan<float> Frames => CollectionsMarshal.AsSpan(_frames);

    public PackedLengths Lengths() => new(CollectionsMarshal.AsSpan(_lengths));

    /// <summary>Adds the neighbourhood of a residue with a frame.</summary>
    public void Add(BackboneFrames frames, int residue)
    {
        Span<int> found = stackalloc int[neighbors];
        int count = Neighborhoods.Find(frames, residue, found);
        foreach (int neighbor in found[..count])
        {
            _offsets.Add(StructureEncoder.OffsetRow(neighbor, residue));
            _frames.AddRange(frames.Row(neighbor));
        }

        _lengths.Add(count);
    }

    public void Clear()
    {
        _lengths.Clear();
        _offsets.Clear();
        _frames.Clear();
    }
}
