using System.Text.Json.Serialization;

namespace Clss.Ingest;

/// <summary>The generated reader and writer of <see cref="IngestState"/>; nothing is found by reflection at run time.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(IngestState))]
internal sealed partial class IngestStateJson : JsonSerializerContext;
