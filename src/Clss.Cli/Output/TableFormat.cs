namespace Clss.Cli.Output;

/// <summary>How a table is laid out.</summary>
/// <param name="Columns">Comma-separated names, or null for all.</param>
/// <param name="Mode">0 without, 4 with a header line; null decides by the file's name.</param>
internal sealed record TableFormat(string? Columns, int? Mode)
{
    /// <summary>Whether a table of that name begins with a header line.</summary>
    public bool HasHeader(string path) => Mode is null ? !path.EndsWith(".m8", StringComparison.OrdinalIgnoreCase) : Mode == 4;
}
