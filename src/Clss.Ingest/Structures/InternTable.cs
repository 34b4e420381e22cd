using System.Text;

namespace Clss.Ingest.Structures;

/// <summary>Gives equal byte strings the same small number and one shared string.</summary>
internal sealed class InternTable
{
    private readonly Dictionary<string, int> _indices = new(new Latin1Comparer());
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly List<string> _values = [];
    private int _last = -1;

    public InternTable() => _lookup = _indices.GetAlternateLookup<ReadOnlySpan<byte>>();

    public IReadOnlyList<string> Values => _values;

    public int Intern(ReadOnlySpan<byte> value)
    {
        // Neighbours are mostly alike.
        if (_last >= 0 && Latin1Comparer.AreEqual(value, _values[_last]))
        {
            return _last;
        }

        if (!_lookup.TryGetValue(value, out int index))
        {
            index = _values.Count;
            string text = Encoding.Latin1.GetString(value);
            _indices.Add(text, index);
            _values.Add(text);
        }

        _last = index;
        return index;
    }

    private sealed class Latin1Comparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public static bool AreEqual(ReadOnlySpan<byte> bytes, string text)
        {
            if (bytes.Length != text.Length)
            {
                return false;
            }

            for (int i = 0; i < bytes.Length; i++)
            {
                if (bytes[i] != text[i])
                {
                    return false;
                }
            }

            return true;
        }

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string text) => GetHashCode(Encoding.Latin1.GetBytes(text));

        public bool Equals(ReadOnlySpan<byte> alternate, string other) => AreEqual(alternate, other);

        // Seeded per process: names chosen to collide do not.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public string Create(ReadOnlySpan<byte> alternate) => Encoding.Latin1.GetString(alternate);
    }
}
