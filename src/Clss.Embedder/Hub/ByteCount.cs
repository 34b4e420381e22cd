using System.Globalization;

namespace Clss.Embedder.Hub;

/// <summary>Numbers of bytes for messages.</summary>
internal static class ByteCount
{
    private static readonly string[] Units = ["bytes", "KB", "MB", "GB", "TB", "PB", "EB"];

    /// <summary>Such as "482 bytes", "1.5 MB", "17.2 GB" (powers of 1000).</summary>
    public static string Format(long bytes)
    {
        double value = bytes;
        int unit = 0;
        while (value >= 999.5 && unit < Units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return value.ToString(unit == 0 ? "0" : "0.0", CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
