using Clss.Embedder.Inputs;
using Clss.Embedder.Tensors;

namespace Clss.Embedder.Models.Esm3;

/// <summary>Some backbones packed end to end, each with a begin and an end.</summary>
internal sealed class StructureBatch
{
    private StructureBatch(BackboneFrames[] frames, PackedLengths lengths, bool[] hasAnyAtom)
    {
        Frames = frames;
        Lengths = lengths;
        HasAnyAtom = hasAnyAtom;
    }

    public BackboneFrames[] Frames { get; }

    /// <summary>Positions of each structure: residues and two.</summary>
    public PackedLengths Lengths { get; }

    /// <summary>Whether any atom of a position has coordinates, false at begin and end.</summary>
    public bool[] HasAnyAtom { get; }

    public int Residues => Lengths.Total - (2 * Lengths.Count);

    public static StructureBatch Build(ReadOnlySpan<Backbone> backbones)
    {
        BackboneFrames[] frames = new BackboneFrames[backbones.Length];
        int[] lengths = new int[backbones.Length];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = BackboneFrames.Build(backbones[i]);
            lengths[i] = backbones[i].Length + 2;
        }

        PackedLengths packed = new(lengths);
        bool[] hasAnyAtom = new bool[packed.Total];
        for (int i = 0; i < frames.Length; i++)
        {
            backbones[i].HasAnyAtom.Span.CopyTo(hasAnyAtom.AsSpan(packed.Start(i) + 1));
        }

        return new StructureBatch(frames, packed, hasAnyAtom);
    }

    /// <summary>Frames of all positions [total, 13], invalid at begin and end.</summary>
    public float[] FrameRows()
    {
        float[] rows = new float[Lengths.Total * RigidFrames.Columns];
        for (int i = 0; i < Frames.Length; i++)
        {
            Span<float> own = rows.AsSpan(Lengths.Start(i) * RigidFrames.Columns, Lengths.Length(i) * RigidFrames.Columns);
            BackboneFrames.WriteIdentity(own[..RigidFrames.Columns]);
            Frames[i].Rows.CopyTo(own[RigidFrames.Columns..]);
            BackboneFrames.WriteIdentity(own[^RigidFrames.Columns..]);
        }

        return rows;
    }

    /// <summary>Structure tokens of all positions out of the residues' codes.</summary>
    public int[] Tokens(ReadOnlySpan<int> codes)
    {
        int[] tokens = new int[Lengths.Total];
        for (int i = 0; i < Frames.Length; i++)
        {
            Span<int> own = tokens.AsSpan(Lengths.Start(i), Lengths.Length(i));
            own[0] = StructureTokens.Begin;
            codes[..Frames[i].Length].CopyTo(own[1..]);
            own[^1] = StructureTokens.End;
            codes = codes[Frames[i].Length..];
        }

        return tokens;
    }
}
