using Clss.Ingest.Sources;

namespace Clss.Ingest.Structures;

/// <summary>One file to read and the part of it that is meant.</summary>
/// <param name="File">The file, or standard input.</param>
/// <param name="Selection">What was written behind its name; null for everything.</param>
internal sealed record StructureTarget(InputFile File, StructureSelection? Selection);
