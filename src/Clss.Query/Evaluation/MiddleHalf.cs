using Clss.Embedder.Inputs;

namespace Clss.Query.Evaluation;

/// <summary>The segment by which it is measured how well a part of a domain finds it.</summary>
public static class MiddleHalf
{
    /// <summary>No segment is shorter, unless the sequence is: as in the training of CLSS.</summary>
    public const int MinResidues = 10;

    /// <summary>The max(<see cref="MinResidues"/>, L/2) residues from (L - that)/2 on, in integer division; a shorter sequence whole.</summary>
    public static ProteinSequence Of(ProteinSequence sequence)
    {
        string residues = sequence.Residues;
        int length = Math.Min(residues.Length, Math.Max(MinResidues, residues.Length / 2));
        return new ProteinSequence(residues.Substring((residues.Length - length) / 2, length));
    }
}
