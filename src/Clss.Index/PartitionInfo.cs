namespace Clss.Index;

/// <summary>A partition and its number of rows.</summary>
/// <param name="Name">The partition's name.</param>
/// <param name="Count">Rows in it.</param>
public sealed record PartitionInfo(string Name, int Count);
