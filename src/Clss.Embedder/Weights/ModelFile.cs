namespace Clss.Embedder.Weights;

/// <summary>A file of a model directory as <c>model.json</c> lists it.</summary>
/// <param name="Name">The name inside the directory.</param>
/// <param name="Bytes">The length.</param>
/// <param name="Sha256">The SHA-256 in lower-case hexadecimal.</param>
public sealed record ModelFile(string Name, long Bytes, string Sha256);
