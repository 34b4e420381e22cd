namespace Clss.Ingest.Structures;

/// <summary>A protein chain found in a structure.</summary>
/// <param name="AuthId">The author's chain id.</param>
/// <param name="LabelId">The label chain id.</param>
/// <param name="Index">Its place in the structure.</param>
/// <param name="Residues">The residues that the policy keeps.</param>
internal sealed record ExtractedChain(string AuthId, string LabelId, int Index, ChosenResidues Residues);
