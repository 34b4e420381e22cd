using System.Text.Encodings.Web;
using System.Text.Json;

namespace Clss.Cli.Output;

/// <summary>
/// What a result was made by and from, in <c>RESULT.manifest.json</c> beside it: tool and version, model, database,
/// parameters, times and counts. Format: docs/formats/results.md.
/// </summary>
internal sealed class RunManifest
{
    /// <summary>Named in the file.</summary>
    public const string Schema = "clss.manifest.v1";

    private readonly List<(string Section, List<(string Name, object? Value)> Values)> _sections = [];

    /// <summary>Begins a section (<c>model</c>, <c>database</c>, <c>parameters</c>, ...) and sets its values: text, numbers, flags or null.</summary>
    public RunManifest With(string section, params (string Name, object? Value)[] values)
    {
        _sections.Add((section, [.. values]));
        return this;
    }

    /// <summary>Writes the manifest of <paramref name="resultPath"/>; standard output has none.</summary>
    public void Write(string resultPath, string command, DateTimeOffset started)
    {
        if (resultPath == "-")
        {
            return;
        }

        WriteTo(resultPath + ".manifest.json", command, started);
    }

    /// <summary>Writes the manifest to a path of its own.</summary>
    public void WriteTo(string path, string command, DateTimeOffset started)
    {
        using var file = new AtomicFile(path);
        file.Writer.WriteLine(ToJson(command, started));
        file.Complete();
    }

    internal string ToJson(string command, DateTimeOffset started)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("tool", "clss");
            json.WriteString("version", ToolVersion.Text);
            json.WriteString("command", command);
            json.WriteStartArray("arguments");
            foreach (string argument in Environment.GetCommandLineArgs().Skip(1))
            {
                json.WriteStringValue(argument);
            }

            json.WriteEndArray();
            json.WriteString("started", started.ToString("O"));
            json.WriteString("finished", DateTimeOffset.UtcNow.ToString("O"));
            foreach ((string section, List<(string, object?)> values) in _sections)
            {
                json.WriteStartObject(section);
                foreach ((string name, object? value) in values)
                {
                    WriteValue(json, name, value);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case int or long:
                json.WriteNumber(name, Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case float number:
                json.WriteNumber(name, number);
                break;
            case double number:
                json.WriteNumber(name, number);
                break;
            case IEnumerable<string> list:
                json.WriteStartArray(name);
                foreach (string item in list)
                {
                    json.WriteStringValue(item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteString(name, value.ToString());
                break;
        }
    }
}
