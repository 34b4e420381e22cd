namespace Clss.Embedder.Weights.Torch;

/// <summary>One entry of a zip file, as its central directory describes it. Nothing is ever extracted: names only serve for looking up.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Deflated">Whether the bytes are compressed.</param>
/// <param name="Checksum">The CRC-32 of the uncompressed bytes.</param>
/// <param name="StoredBytes">The bytes in the file.</param>
/// <param name="Bytes">The bytes uncompressed.</param>
/// <param name="HeaderOffset">Where the local header begins.</param>
internal sealed record ZipEntry(string Name, bool Deflated, uint Checksum, long StoredBytes, long Bytes, long HeaderOffset);
