using System.Text.Json;

namespace Clss.Embedder.Hub;

/// <summary>Where an installed model came from; kept in its folder as <c>download.json</c>.</summary>
public sealed record ModelOrigin
{
    internal const string FileName = "download.json";

    private const string FormatName = "clss-model-origin";
    private const int Version = 1;
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>The checkpoint's address, without query, or the name of the local file.</summary>
    public required string Address { get; init; }

    /// <summary>The branch, tag or commit that was asked for; empty for a local file.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The commit that the hub served, or null when it did not say.</summary>
    public string? Commit { get; init; }

    /// <summary>The checkpoint's SHA-256, 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Who named the SHA-256 that the checkpoint was compared with.</summary>
    public HashSource Sha256Source { get; init; }

    /// <summary>The checkpoint's size in bytes.</summary>
    public long Size { get; init; }

    /// <summary>When the model was installed.</summary>
    public DateTimeOffset Installed { get; init; }

    internal void Write(string directory)
    {
        using FileStream stream = File.Create(Path.Combine(directory, FileName));
        using var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("format", FormatName);
        writer.WriteNumber("version", Version);
        writer.WriteString("address", Address);
        writer.WriteString("revision", Revision);
        writer.WriteString("commit", Commit);
        writer.WriteString("sha256", Sha256);
        writer.WriteString("sha256_source", Sha256Source.ToString());
        writer.WriteNumber("size", Size);
        writer.WriteString("installed", Installed);
        writer.WriteEndObject();
    }

    /// <summary>The source of the model in a folder, or null when it has no such file.</summary>
    /// <exception cref="HubException">The file is damaged or of an unknown version.</exception>
    internal static ModelOrigin? Read(string directory)
    {
        string path = Path.Combine(directory, FileName);
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                return null;
            }

            if (file.Length > MaxFileBytes)
            {
                throw new HubException(HubFailure.Storage, $"{path}: {ByteCount.Format(file.Length)}, expected a few lines. Install the model again.");
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Parse(document.RootElement, path);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HubException(HubFailure.Storage, $"{path}: damaged ({exception.Message}). Install the model again.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw StorageErrors.Translate(exception, path, "read");
        }
    }

    private static ModelOrigin Parse(JsonElement root, string path)
    {
        string? format = root.GetProperty("format").GetString();
        int version = root.GetProperty("version").GetInt32();
        if (format != FormatName || version != Version)
        {
            throw new HubException(
                HubFailure.Storage, $"{path}: format '{format}' version {version}, expected '{FormatName}' version {Version}. Install the model again.");
        }

        return new ModelOrigin
        {
            Address = root.GetProperty("address").GetString() ?? "",
            Revision = root.GetProperty("revision").GetString() ?? "",
            Commit = root.GetProperty("commit").GetString(),
            Sha256 = root.GetProperty("sha256").GetString() ?? "",
            Sha256Source = Enum.TryParse(root.GetProperty("sha256_source").GetString(), out HashSource source) ? source : HashSource.None,
            Size = root.GetProperty("size").GetInt64(),
            Installed = root.GetProperty("installed").GetDateTimeOffset(),
        };
    }
}
