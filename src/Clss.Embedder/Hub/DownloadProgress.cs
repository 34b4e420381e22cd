namespace Clss.Embedder.Hub;

/// <summary>How far a download is.</summary>
/// <param name="Bytes">Bytes on disk, those of an earlier attempt included.</param>
/// <param name="TotalBytes">The size of the file, or null while it is unknown.</param>
/// <param name="Note">A sentence when something happened (a retry, a restart), else null.</param>
public readonly record struct DownloadProgress(long Bytes, long? TotalBytes, string? Note = null);
