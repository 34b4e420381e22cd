using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Clss.Embedder.Weights;

/// <summary>Reads and writes <c>model.json</c>; the format is described in <c>docs/formats/model-directory.md</c>.</summary>
internal static class ModelManifestJson
{
    public const string Format = "clss-model";
    public const int Version = 1;

    public static ModelManifest Read(JsonObjectReader json)
    {
        string format = json.RequiredText("format");
        if (format != Format)
        {
            throw json.Error($"\"format\" is \"{format}\", expected \"{Format}\"");
        }

        int version = json.Int("version");
        if (version != Version)
        {
            throw json.Error($"the model directory has version {version}, this program reads version {Version}. Import the model again, or use a newer program");
        }

        ModelFile[] files = [.. json.Objects("files").Select(ReadFile)];
        string weights = json.RequiredText("weights");
        if (!files.Any(file => file.Name == weights))
        {
            throw json.Error($"\"weights\" names '{weights}', which \"files\" does not list");
        }

        string fingerprint = json.RequiredText("fingerprint");
        if (!fingerprint.StartsWith(ModelFingerprint.Scheme, StringComparison.Ordinal) || !IsSha256(fingerprint[ModelFingerprint.Scheme.Length..]))
        {
            throw json.Error($"\"fingerprint\" is '{fingerprint}', expected \"{ModelFingerprint.Scheme}\" and 64 hexadecimal digits");
        }

        return new ModelManifest
        {
            Description = ReadDescription(json),
            Fingerprint = fingerprint,
            WeightsFile = weights,
            Files = files,
        };
    }

    public static ReadOnlyMemory<byte> Write(ModelManifest manifest)
    {
        ModelDescription description = manifest.Description;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteString("name", description.Name);
            if (description.Notice is not null)
            {
                json.WriteString("notice", description.Notice);
            }

            json.WriteNumber("dimension", description.Dimension);
            json.WriteBoolean("sequence_adapter", description.HasSequenceAdapter);
            json.WriteBoolean("structure_adapter", description.HasStructureAdapter);
            json.WriteString("fingerprint", manifest.Fingerprint);
            json.WriteString("weights", manifest.WeightsFile);
            json.WritePropertyName("sequence_encoder");
            EsmConfigJson.Write(json, description.SequenceTower ?? throw new ArgumentException("A model directory needs a sequence tower.", nameof(manifest)));
            StructureConfigJson.Write(json, description);
            WriteProvenance(json, description.Provenance);
            json.WriteStartArray("files");
            foreach (ModelFile file in manifest.Files)
            {
                json.WriteStartObject();
                json.WriteString("name", file.Name);
                json.WriteNumber("bytes", file.Bytes);
                json.WriteString("sha256", file.Sha256);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenMemory;
    }

    private static ModelDescription ReadDescription(JsonObjectReader json)
    {
        var description = new ModelDescription
        {
            Name = json.RequiredText("name"),
            Notice = json.Text("notice"),
            Dimension = json.Int("dimension"),
            SequenceTower = EsmConfigJson.Read(json.RequiredObject("sequence_encoder")),
            HasSequenceAdapter = json.Bool("sequence_adapter") ?? false,
            HasStructureAdapter = json.Bool("structure_adapter") ?? false,
            StructureTower = StructureConfigJson.ReadTower(json),
            StructureEncoder = StructureConfigJson.ReadEncoder(json),
            Provenance = ReadProvenance(json.Object("provenance")),
        };
        bool hasAdapter = description.HasSequenceAdapter || description.HasStructureAdapter;
        return description.Dimension >= 0 && hasAdapter == description.Dimension > 0
            ? description
            : throw json.Error($"\"dimension\" is {description.Dimension} {(hasAdapter ? "with" : "without")} an adapter");
    }

    private static ModelFile ReadFile(JsonObjectReader json)
    {
        var file = new ModelFile(json.RequiredText("name"), json.Long("bytes"), json.RequiredText("sha256"));
        bool plain = file.Name.Length is > 0 and <= 255
            && file.Name[0] != '.'
            && file.Name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
        return !plain ? throw json.Error($"'{file.Name}' is no plain file name of letters, digits, '.', '_' and '-'")
            : file.Bytes < 0 ? throw json.Error($"'{file.Name}' has {file.Bytes} bytes")
            : !IsSha256(file.Sha256) ? throw json.Error($"the sha256 of '{file.Name}' is not 64 hexadecimal digits")
            : file;
    }

    private static ModelProvenance? ReadProvenance(JsonObjectReader? json)
    {
        if (json is null)
        {
            return null;
        }

        string created = json.RequiredText("created");
        return DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? new ModelProvenance
            {
                Source = json.RequiredText("source"),
                SourceSha256 = json.Text("source_sha256") ?? "",
                Tool = json.RequiredText("tool"),
                Created = time,
            }
            : throw json.Error($"\"created\" is '{created}', expected a time such as 2026-01-31T12:00:00Z");
    }

    private static void WriteProvenance(Utf8JsonWriter json, ModelProvenance? provenance)
    {
        if (provenance is null)
        {
            return;
        }

        json.WriteStartObject("provenance");
        json.WriteString("source", provenance.Source);
        json.WriteString("source_sha256", provenance.SourceSha256);
        json.WriteString("tool", provenance.Tool);
        json.WriteString("created", provenance.Created.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static bool IsSha256(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);
}
