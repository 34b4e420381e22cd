using System.Buffers.Binary;
using System.Text.Json;

namespace Clss.Embedder.Weights;

/// <summary>The checked header of a safetensors file.</summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The limit of the reference reader: 100 MB.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    /// <summary>The header's nesting: tensors, a tensor's fields, its shape.</summary>
    private const int MaxDepth = 4;

    /// <summary>PyTorch's own limit of dimensions.</summary>
    private const int MaxDimensions = 64;

    private const string MetadataKey = "__metadata__";

    private readonly string _name;
    private readonly Dictionary<string, WeightInfo> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private SafetensorsHeader(string name, long dataStart)
    {
        _name = name;
        DataStart = dataStart;
    }

    public IReadOnlyDictionary<string, WeightInfo> Tensors => _tensors;

    /// <summary>Where each tensor begins, in bytes from <see cref="DataStart"/>.</summary>
    public IReadOnlyDictionary<string, long> Offsets => _offsets;

    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The file offset of the first byte behind the header.</summary>
    public long DataStart { get; }

    public static SafetensorsHeader Read(ByteSource source)
    {
        if (source.Length < sizeof(ulong))
        {
            throw new WeightFormatException($"{source.Name} is no safetensors file: it has {source.Length} bytes, and the length of the header alone takes 8.");
        }

        Span<byte> lengthBytes = stackalloc byte[sizeof(ulong)];
        source.Read(0, lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (length > MaxHeaderBytes || (long)length > source.Length - sizeof(ulong))
        {
            throw new WeightFormatException(
                $"{source.Name} is cut off or no safetensors file: its first 8 bytes announce a header of {length} bytes, the file has {source.Length - sizeof(ulong)} more (limit {MaxHeaderBytes}).");
        }

        var json = new byte[(int)length];
        source.Read(sizeof(ulong), json);
        var header = new SafetensorsHeader(source.Name, sizeof(ulong) + (long)length);
        try
        {
            header.Parse(json, source.Length - header.DataStart);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: text that is not valid UTF-8, or a lone surrogate.
            throw new WeightFormatException($"{source.Name}: the safetensors header is not valid JSON: {e.Message}", e);
        }

        return header;
    }

    private void Parse(ReadOnlySpan<byte> json, long dataBytes)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        Expect(ref reader, JsonTokenType.StartObject, "the header");
        var ranges = new List<(long Begin, long End, string Name)>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (name == MetadataKey)
            {
                ParseMetadata(ref reader);
            }
            else
            {
                (long begin, long end) = ParseTensor(ref reader, name, dataBytes);
                ranges.Add((begin, end, name));
            }
        }

        if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
        {
            throw Damaged("the header does not end with its object");
        }

        CheckCoverage(ranges, dataBytes);
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, MetadataKey);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} '{key}'");
            _metadata[key] = reader.GetString()!;
        }
    }

    private (long Begin, long End) ParseTensor(ref Utf8JsonReader reader, string name, long dataBytes)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        WeightType? type = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string field = reader.GetString()!;
            switch (field)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, $"the dtype of '{name}'");
                    string text = reader.GetString()!;
                    type = WeightTypeExtensions.FromSafetensorsName(text)
                        ?? throw Damaged($"tensor '{name}' has the element type '{text}', which is not read here (known: F64, F32, F16, BF16, I8 to I64, U8 to U64, BOOL)");
                    break;
                case "shape":
                    shape = ParseNumbers(ref reader, $"the shape of '{name}'");
                    break;
                case "data_offsets":
                    offsets = ParseNumbers(ref reader, $"the data_offsets of '{name}'");
                    break;
                default:
                    throw Damaged($"tensor '{name}' has an unknown field '{field}'");
            }
        }

        if (type is null || shape is null || offsets is not [long begin, long end])
        {
            throw Damaged($"tensor '{name}' lacks a dtype, a shape or two data_offsets");
        }

        CheckRange(name, type.Value, shape, begin, end, dataBytes);
        if (!_tensors.TryAdd(name, new WeightInfo(name, type.Value, shape.AsReadOnly())))
        {
            throw Damaged($"tensor '{name}' is listed twice");
        }

        _offsets.Add(name, begin);
        return (begin, end);
    }

    private void CheckRange(string name, WeightType type, List<long> shape, long begin, long end, long dataBytes)
    {
        Int128 bytes = type.Size();
        foreach (long length in shape)
        {
            bytes *= length;
            if (bytes > long.MaxValue)
            {
                throw Damaged($"tensor '{name}' {WeightInfo.FormatShape(shape)} has more elements than can be counted");
            }
        }

        if (end < begin || end > dataBytes)
        {
            throw Damaged($"tensor '{name}' lies at bytes {begin} to {end} of {dataBytes}: the file is cut off or damaged. Download or copy it again");
        }

        if (bytes != end - begin)
        {
            throw Damaged($"tensor '{name}' {type.SafetensorsName()} {WeightInfo.FormatShape(shape)} needs {bytes} bytes, its data_offsets give {end - begin}");
        }
    }

    /// <summary>Tensors must neither overlap nor leave a gap, nor may bytes follow the last.</summary>
    private void CheckCoverage(List<(long Begin, long End, string Name)> ranges, long dataBytes)
    {
        ranges.Sort();
        long position = 0;
        foreach ((long begin, long end, string name) in ranges)
        {
            if (begin != position)
            {
                throw Damaged($"tensor '{name}' begins at byte {begin} of the data, expected {position}: tensors {(begin < position ? "overlap" : "leave a gap")}");
            }

            position = end;
        }

        if (position != dataBytes)
        {
            throw Damaged($"{dataBytes - position} bytes follow the last tensor");
        }
    }

    private List<long> ParseNumbers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            if (!reader.TryGetInt64(out long number) || number < 0)
            {
                throw Damaged($"{what} holds a number that is no length");
            }

            if (numbers.Count == MaxDimensions)
            {
                throw Damaged($"{what} has more than {MaxDimensions} numbers");
            }

            numbers.Add(number);
        }

        return reader.TokenType == JsonTokenType.EndArray ? numbers : throw Damaged($"{what} is no list of whole numbers");
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (!reader.Read() || reader.TokenType != type)
        {
            throw Damaged($"{what} is {reader.TokenType}, expected {type}");
        }
    }

    private WeightFormatException Damaged(string what) => new($"{_name}: {what}.");
}
