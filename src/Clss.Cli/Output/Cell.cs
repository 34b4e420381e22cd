using System.Globalization;
using System.Text.Json;
using Clss.Index;

namespace Clss.Cli.Output;

/// <summary>One value of a result table: text, a number written as it reads back, a flag, a list, or missing.</summary>
internal readonly record struct Cell(ColumnType Type, string? Text, IReadOnlyList<string>? List = null)
{
    public static Cell Missing { get; } = new(ColumnType.Text, null);

    public static Cell Of(string text) => new(ColumnType.Text, text);

    public static Cell Of(long number) => new(ColumnType.Integer, number.ToString(CultureInfo.InvariantCulture));

    /// <summary>The shortest digits that read back to the same float32.</summary>
    public static Cell Of(float number) => new(ColumnType.Real, number.ToString(CultureInfo.InvariantCulture));

    public static Cell Of(MetadataValue value) => value.Kind switch
    {
        MetadataKind.Missing => Missing,
        MetadataKind.Text => Of(value.AsText()),
        MetadataKind.Integer => Of(value.AsInteger()),
        MetadataKind.Real => new(ColumnType.Real, value.AsReal().ToString(CultureInfo.InvariantCulture)),
        MetadataKind.Flag => new(ColumnType.Flag, value.AsFlag() ? "true" : "false"),
        MetadataKind.TextList => new(ColumnType.TextList, string.Join(';', value.AsTextList()), value.AsTextList()),
        _ => throw new InvalidOperationException($"A metadata value of kind {value.Kind} has no written form."),
    };

    /// <summary>The value in a tab-separated table: a tab or line end inside a text becomes a blank, missing is empty.</summary>
    public string ToTsv()
    {
        string text = Text ?? "";
        return text.AsSpan().IndexOfAny('\t', '\n', '\r') < 0
            ? text
            : text.Replace('\t', ' ').Replace('\n', ' ').Replace('\r', ' ');
    }

    /// <summary>Writes the value as JSON: numbers and flags bare, lists as arrays, missing as null.</summary>
    public void WriteJson(Utf8JsonWriter writer)
    {
        if (Text is null)
        {
            writer.WriteNullValue();
        }
        else if (List is not null)
        {
            writer.WriteStartArray();
            foreach (string item in List)
            {
                writer.WriteStringValue(item);
            }

            writer.WriteEndArray();
        }
        else if (Type is ColumnType.Integer or ColumnType.Flag || (Type == ColumnType.Real && IsJsonNumber(Text)))
        {
            writer.WriteRawValue(Text);
        }
        else
        {
            writer.WriteStringValue(Text);
        }
    }

    // JSON has no NaN and no infinity: those go as text.
    private static bool IsJsonNumber(string text) => text is not ("NaN" or "Infinity" or "-Infinity");
}
