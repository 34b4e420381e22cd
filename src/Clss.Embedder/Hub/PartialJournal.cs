using System.Text.Json;

namespace Clss.Embedder.Hub;

/// <summary>What is written beside an incomplete download, so that a later run knows whether it may go on.</summary>
/// <param name="Identity">What the content is: "sha256:…", "etag:…", or "" when nothing is known.</param>
/// <param name="Size">The complete file's size in bytes, or null.</param>
/// <param name="Validator">The strong entity tag of the server that sends the bytes, for <c>If-Range</c>, or null.</param>
internal sealed record PartialJournal(string Identity, long? Size, string? Validator)
{
    private const string FormatName = "clss-download";
    private const int Version = 1;
    private const int MaxJournalBytes = 64 * 1024;

    /// <summary>The journal at a path, or null when there is none that we can use.</summary>
    public static PartialJournal? Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > MaxJournalBytes)
            {
                return null;
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = document.RootElement;
            bool isOurs = root.GetProperty("format").GetString() == FormatName && root.GetProperty("version").GetInt32() == Version;
            return isOurs
                ? new PartialJournal(
                    root.GetProperty("identity").GetString() ?? "",
                    root.GetProperty("size") is { ValueKind: JsonValueKind.Number } size ? size.GetInt64() : null,
                    root.GetProperty("validator").GetString())
                : null;
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Half-written or foreign: the download starts again, which is all that a journal can save.
            return null;
        }
    }

    public void Write(string path)
    {
        string temporary = path + ".new";
        using (FileStream stream = File.Create(temporary))
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("format", FormatName);
            writer.WriteNumber("version", Version);
            writer.WriteString("identity", Identity);
            if (Size is { } size)
            {
                writer.WriteNumber("size", size);
            }
            else
            {
                writer.WriteNull("size");
            }

            writer.WriteString("validator", Validator);
            writer.WriteEndObject();
        }

        File.Move(temporary, path, overwrite: true);
    }
}
