using Clss.Embedder.Inputs;

namespace Clss.Query.Scoring;

/// <summary>A protein or domain to compare.</summary>
/// <param name="Name">What results call it.</param>
/// <param name="Sequence">Its residues.</param>
/// <param name="Backbone">Its coordinates; null where there are none.</param>
public sealed record ProteinInput(string Name, ProteinSequence Sequence, Backbone? Backbone = null);
