using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Clss.Query;

namespace Clss.Cli.Output;

/// <summary>Hits as JSON lines: one object a hit, with the columns of the table as its fields.</summary>
internal sealed class JsonHitWriter(string path, IReadOnlyList<HitColumn> columns) : IHitWriter
{
    /// <summary>Named in every object, so that a reader knows what it holds.</summary>
    public const string Schema = "clss.hit.v1";

    private readonly AtomicFile _file = new(path);
    private readonly ArrayBufferWriter<byte> _buffer = new();

    public void Write(QueryResult result)
    {
        foreach (ProteinHit hit in result.Hits)
        {
            _buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_buffer, Options))
            {
                json.WriteStartObject();
                json.WriteString("schema", Schema);
                foreach (HitColumn column in columns)
                {
                    json.WritePropertyName(column.Name);
                    column.Value(result.Query, hit).WriteJson(json);
                }

                json.WriteEndObject();
            }

            _file.Writer.WriteLine(Encoding.UTF8.GetString(_buffer.WrittenSpan));
        }
    }

    public void Complete() => _file.Complete();

    public void Dispose() => _file.Dispose();

    // The lines go to files and pipes, not into HTML: names such as "a+b two layers" stay readable.
    private static JsonWriterOptions Options => new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
