namespace Clss.Embedder.Inputs;

/// <summary>
/// A protein or domain sequence as the network reads it: upper-case one-letter codes. Lower case, digits and other signs are unknown tokens to it;
/// reading of files and their conventions comes before.
/// </summary>
/// <param name="Residues">One-letter codes; may be empty.</param>
public readonly record struct ProteinSequence(string Residues);
