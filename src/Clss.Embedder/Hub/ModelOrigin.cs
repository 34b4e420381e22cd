using System.Text.Json;

namespace Clss.Embedder.Hub;

/// <summary>Where an installed model came from; kept in its folder as <c>download.json</c>.</summary>
public sealed record ModelOrigin
{
    internal const string FileName = "download.json";

    private const string FormatName = "clss-model-origin";
    private const int Version = 1;
    private const int MaxFileBytes = 64 * 1024;

    /// <summary>The checkpoint's address (of several files the first's), without query, or the name of the local file.</summary>
    public required string Address { get; init; }

    /// <summary>The branch, tag or commit that was asked for; empty for a local file.</summary>
    public string Revision { get; init; } = "";

    /// <summary>The commit that the hub served, or null when it did not say.</summary>
    public string? Commit { get; init; }

    /// <summary>The checkpoint's SHA-256 (of several files the first's), 64 lower-case hexadecimal digits.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Who named the SHA-256 that the checkpoint was compared with.</summary>
    public HashSource Sha256Source { get; init; }

    /// <summary>The size of what was downloaded, in bytes.</summary>
    public long Size { get; init; }

    /// <summary>When the model was installed.</summary>
    public DateTimeOffset Installed { get; init; }

    /// <summary>The files that are kept as they came; empty for a model directory made of a checkpoint.</summary>
    public IReadOnlyList<ModelOriginFile> Files { get; init; } = [];

    /// <summary>The name of the licence that was accepted, or null where none had to be.</summary>
    public string? Licence { get; init; }

    /// <summary>When the licence was accepted.</summary>
    public DateTimeOffset? LicenceAccepted { get; init; }

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
        WriteFiles(writer);
        if (Licence is not null && LicenceAccepted is { } accepted)
        {
            writer.WriteStartObject("licence");
            writer.WriteString("name", Licence);
            writer.WriteString("accepted", accepted);
            writer.WriteEndObject();
        }

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

    private void WriteFiles(Utf8JsonWriter writer)
    {
        if (Files.Count == 0)
        {
            return;
        }

        writer.WriteStartArray("files");
        foreach (ModelOriginFile file in Files)
        {
            writer.WriteStartObject();
            writer.WriteString("name", file.Name);
            writer.WriteNumber("size", file.Size);
            writer.WriteString("sha256", file.Sha256);
            writer.WriteString("sha256_source", file.Sha256Source.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
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

        JsonElement licence = root.TryGetProperty("licence", out JsonElement found) ? found : default;
        return new ModelOrigin
        {
            Address = root.GetProperty("address").GetString() ?? "",
            Revision = root.GetProperty("revision").GetString() ?? "",
            Commit = root.GetProperty("commit").GetString(),
            Sha256 = root.GetProperty("sha256").GetString() ?? "",
            Sha256Source = ParseSource(root),
            Size = root.GetProperty("size").GetInt64(),
            Installed = root.GetProperty("installed").GetDateTimeOffset(),
            Files = root.TryGetProperty("files", out JsonElement files) ? [.. files.EnumerateArray().Select(ParseFile)] : [],
            Licence = licence.ValueKind == JsonValueKind.Object ? licence.GetProperty("name").GetString() : null,
            LicenceAccepted = licence.ValueKind == JsonValueKind.Object ? licence.GetProperty("accepted").GetDateTimeOffset() : null,
        };
    }

    private static ModelOriginFile ParseFile(JsonElement file) => new()
    {
        Name = file.GetProperty("name").GetString() is { Length: > 0 } name && !name.AsSpan().ContainsAny('/', '\\') && name != ".."
            ? name
            : throw new FormatException("a file's name leads out of the folder"),
        Size = file.GetProperty("size").GetInt64(),
        Sha256 = file.GetProperty("sha256").GetString() ?? "",
        Sha256Source = ParseSource(file),
    };

    private static HashSource ParseSource(JsonElement element) =>
        Enum.TryParse(element.GetProperty("sha256_source").GetString(), out HashSource source) ? source : HashSource.None;
}
