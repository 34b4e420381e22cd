using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Clss.Cli.Output;

/// <summary>A small table on standard output: tab-separated with a header line, or JSON lines.</summary>
internal sealed class RowTable
{
    private readonly Session _session;
    private readonly string _schema;
    private readonly string[] _columns;

    public RowTable(Session session, string schema, params string[] columns)
    {
        _session = session;
        _schema = schema;
        _columns = columns;
        if (!session.Json)
        {
            Console.Out.WriteLine(string.Join('\t', columns));
        }
    }

    public void Add(params Cell[] cells)
    {
        if (cells.Length != _columns.Length)
        {
            throw new ArgumentException($"{cells.Length} cells for {_columns.Length} columns.", nameof(cells));
        }

        Console.Out.WriteLine(_session.Json ? ToJson(cells) : string.Join('\t', cells.Select(cell => cell.ToTsv())));
    }

    private string ToJson(Cell[] cells)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("schema", _schema);
            for (int i = 0; i < cells.Length; i++)
            {
                json.WritePropertyName(_columns[i]);
                cells[i].WriteJson(json);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
