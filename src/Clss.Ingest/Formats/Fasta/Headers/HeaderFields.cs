using System.Globalization;
using Clss.Index;

namespace Clss.Ingest.Formats.Fasta.Headers;

/// <summary>Collects what a header parser finds; empty values are left out, and the first of a name wins.</summary>
internal sealed class HeaderFields
{
    private readonly List<KeyValuePair<string, MetadataValue>> _values = [];

    public IReadOnlyList<KeyValuePair<string, MetadataValue>> Values => _values;

    public void Text(string name, string? value)
    {
        if (!string.IsNullOrWhiteSpace(value))
        {
            Add(name, MetadataValue.Text(value.Trim()));
        }
    }

    /// <summary>Adds the integer that is the first word of the value; anything else is left out (the header stays in the description).</summary>
    public void Integer(string name, string? value)
    {
        if (value is not null && long.TryParse(FastaRecord.IdOf(value.Trim()), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            Add(name, MetadataValue.Integer(number));
        }
    }

    public void Flag(string name, bool value) => Add(name, MetadataValue.Flag(value));

    private void Add(string name, MetadataValue value)
    {
        foreach (KeyValuePair<string, MetadataValue> present in _values)
        {
            if (present.Key == name)
            {
                return;
            }
        }

        _values.Add(new KeyValuePair<string, MetadataValue>(name, value));
    }
}
