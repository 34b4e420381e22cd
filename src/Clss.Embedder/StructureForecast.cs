namespace Clss.Embedder;

/// <summary>What embedding some structures will take.</summary>
/// <param name="Seconds">All together, on this machine as it is busy now; loading the weights not included.</param>
/// <param name="SecondsPerStructure">On average.</param>
/// <param name="Operations">Floating-point operations, a multiply-add counting as two.</param>
/// <param name="WeightBytes">Weights in memory; those in bfloat16 are pages of the mapped files.</param>
/// <param name="WorkBytes">Activations of the largest batch.</param>
public sealed record StructureForecast(double Seconds, double SecondsPerStructure, double Operations, long WeightBytes, long WorkBytes);
