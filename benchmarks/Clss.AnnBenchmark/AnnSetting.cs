using Clss.Index;

namespace Clss.AnnBenchmark;

/// <summary>One way to search an index, a line of the result.</summary>
/// <param name="Label">Its name in the result, without spaces.</param>
/// <param name="Options">What the collection is asked.</param>
internal sealed record AnnSetting(string Label, SearchOptions Options);
