using System.Text.Json;

namespace Clss.Embedder.Weights;

/// <summary>The fields of a JSON object, read with messages that name the file and the field.</summary>
internal sealed class JsonObjectReader
{
    /// <summary>A description of a model is a few kilobytes.</summary>
    public const int MaxFileBytes = 1 << 20;

    private const int MaxDepth = 16;

    private readonly JsonElement _element;

    private JsonObjectReader(JsonElement element, string place)
    {
        _element = element;
        Place = place;
    }

    /// <summary>The file and the object inside it, for messages.</summary>
    public string Place { get; }

    /// <summary>Parses a whole file.</summary>
    /// <exception cref="WeightFormatException">Too large, or no JSON object.</exception>
    public static JsonObjectReader Parse(ByteSource source)
    {
        if (source.Length > MaxFileBytes)
        {
            throw new WeightFormatException($"{source.Name} has {source.Length} bytes; a model's description has at most {MaxFileBytes}.");
        }

        var bytes = new byte[(int)source.Length];
        source.Read(0, bytes);
        try
        {
            // Cloned, so that the document's pooled memory is returned here.
            using JsonDocument document = JsonDocument.Parse(bytes, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonObjectReader(document.RootElement.Clone(), source.Name)
                : throw new WeightFormatException($"{source.Name} holds {document.RootElement.ValueKind}, expected a JSON object.");
        }
        catch (JsonException e)
        {
            throw new WeightFormatException($"{source.Name} is not valid JSON: {e.Message}", e);
        }
    }

    public bool Has(string name) => Find(name) is not null;

    public JsonObjectReader? Object(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new JsonObjectReader(value, $"{Place}, \"{name}\""),
        JsonElement value => throw Unexpected(name, value, "an object"),
    };

    public JsonObjectReader RequiredObject(string name) => Object(name) ?? throw Absent(name);

    public IEnumerable<JsonObjectReader> Objects(string name)
    {
        JsonElement list = Find(name) ?? throw Absent(name);
        if (list.ValueKind != JsonValueKind.Array)
        {
            throw Unexpected(name, list, "a list");
        }

        int index = 0;
        foreach (JsonElement item in list.EnumerateArray())
        {
            string place = $"{Place}, \"{name}\"[{index++}]";
            yield return item.ValueKind == JsonValueKind.Object
                ? new JsonObjectReader(item, place)
                : throw new WeightFormatException($"{place} is {item.ValueKind}, expected an object.");
        }
    }

    public int Int(string name)
    {
        JsonElement value = Find(name) ?? throw Absent(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : throw Unexpected(name, value, "a whole number");
    }

    public long Long(string name)
    {
        JsonElement value = Find(name) ?? throw Absent(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out long number) ? number : throw Unexpected(name, value, "a whole number");
    }

    public double Double(string name)
    {
        JsonElement value = Find(name) ?? throw Absent(name);
        return value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) ? number : throw Unexpected(name, value, "a number");
    }

    public bool? Bool(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        JsonElement value => throw Unexpected(name, value, "true or false"),
    };

    public string? Text(string name)
    {
        JsonElement? value = Find(name);
        if (value is null)
        {
            return null;
        }

        if (value.Value.ValueKind != JsonValueKind.String)
        {
            throw Unexpected(name, value.Value, "a text");
        }

        try
        {
            return value.Value.GetString();
        }
        catch (InvalidOperationException e)
        {
            // Bytes that are not UTF-8, or half a surrogate pair.
            throw new WeightFormatException($"{Place}: \"{name}\" is no valid text: {e.Message}", e);
        }
    }

    public string RequiredText(string name) => Text(name) ?? throw Absent(name);

    public WeightFormatException Error(string what) => new($"{Place}: {what}.");

    /// <summary>The field, or null where it is absent or null.</summary>
    private JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private WeightFormatException Absent(string name) => Error($"\"{name}\" is absent");

    private WeightFormatException Unexpected(string name, JsonElement value, string expected) =>
        Error($"\"{name}\" is {value.ValueKind}, expected {expected}");
}
