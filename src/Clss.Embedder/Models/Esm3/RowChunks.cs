namespace Clss.Embedder.Models.Esm3;

/// <summary>How many rows the row-wise parts take at a time.</summary>
internal static class RowChunks
{
    /// <summary>What one step leaves for the next should still be in a shared cache: 8 MiB of floats.</summary>
    private const int Floats = 2 << 20;

    /// <summary>A multiple of every tile height.</summary>
    private const int Multiple = 96;

    private const int Most = 1536;

    /// <summary>Rows of the given width.</summary>
    public static int Rows(int width) => Math.Clamp(Floats / width / Multiple * Multiple, Multiple, Most);
}
