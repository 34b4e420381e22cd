using Clss.Ingest.Archives;

namespace Clss.Ingest.Structures;

/// <summary>How many bytes one structure may have, measured by the compressed bytes they came from. The default value allows what an array can hold.</summary>
internal readonly struct ReadLimit
{
    /// <summary>Real structures shrink to a tenth, forty equal chains to a thirtieth.</summary>
    public const int MaxRatio = 200;

    // Small files may do what they like.
    private const long AlwaysAllowed = 64 << 20;

    private readonly long _compressedLength;
    private readonly CountingStream? _origin;

    private ReadLimit(long compressedLength, CountingStream? origin)
    {
        _compressedLength = compressedLength;
        _origin = origin;
    }

    public long Bytes => _origin is null && _compressedLength == 0
        ? Array.MaxLength
        : Math.Min(Array.MaxLength, Math.Max(AlwaysAllowed, (_origin?.BytesRead ?? _compressedLength) * MaxRatio));

    /// <summary>For data unpacked from so many bytes.</summary>
    public static ReadLimit ForCompressed(long length) => new(Math.Clamp(length, 1, 1L << 50), null);

    /// <summary>For data that come from a stream which is decompressed on the way.</summary>
    public static ReadLimit ForStream(CountingStream origin) => new(0, origin);
}
