namespace Clss.Ingest;

/// <summary>Something about an input that its user should know though nothing was rejected for it.</summary>
/// <param name="Source">The file or stream.</param>
/// <param name="Text">What was found or changed, in one sentence.</param>
public sealed record InputNote(string Source, string Text)
{
    /// <summary>Source and text in one line.</summary>
    public override string ToString() => $"{Source}: {Text}";
}
