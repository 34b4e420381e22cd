namespace Clss.Ingest.Formats.Fasta;

/// <summary>How the letters of a sequence are taken.</summary>
public enum ResiduePolicy
{
    /// <summary>
    /// What people mean: lower case is raised, gaps (<c>-</c>, <c>.</c>) and trailing stops (<c>*</c>) are removed,
    /// a stop inside the sequence becomes <c>X</c>, and anything else that is no letter rejects the record.
    /// </summary>
    Default,

    /// <summary>
    /// The text as the original tool hands it to its tokenizer: only blanks are removed. Lower case and signs outside
    /// the vocabulary then count as unknown residues.
    /// </summary>
    Reference,
}
