using System.Text.Json;
using Clss.Ingest.Sources;

namespace Clss.Ingest;

/// <summary>How far an ingest has come: kept beside what it writes, so that the same command goes on where it was interrupted.</summary>
internal sealed record IngestState
{
    /// <summary>The name of the state in a database folder.</summary>
    public const string FileName = "ingest.json";

    /// <summary>The name of the format inside the file.</summary>
    public const string FormatName = "clss-ingest";

    /// <summary>The version that is written.</summary>
    public const int CurrentVersion = 1;

    public string Format { get; init; } = FormatName;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The fingerprint of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The fingerprint of the structure tower; empty where no structures are embedded.</summary>
    public string StructureModel { get; init; } = "";

    /// <summary>What besides model and inputs decides the result, as text.</summary>
    public required string Options { get; init; }

    public required IReadOnlyList<InputFile> Inputs { get; init; }

    /// <summary>Records of the inputs, in their order, that are dealt with and durable.</summary>
    public long Records { get; init; }

    /// <summary>Rows written, of those records.</summary>
    public long Rows { get; init; }

    /// <summary>Bytes of a second file that goes with the rows.</summary>
    public long SideBytes { get; init; }

    /// <summary>SHA-256 over keys and sequences of the records: the inputs must be the same to go on.</summary>
    public string Digest { get; init; } = "";

    public bool Complete { get; init; }

    /// <summary>Reads a state; null when there is none.</summary>
    public static IngestState? Load(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            IngestState? state = JsonSerializer.Deserialize(File.ReadAllBytes(path), IngestStateJson.Default.IngestState);
            return state is null || state.Format != FormatName || state.Inputs is null || state.Options is null || state.Model is null
                ? throw new ClssIngestException($"{path}: not a state of an ingest. Remove it together with what it belongs to.")
                : state.Version != CurrentVersion
                ? throw new ClssIngestException($"{path}: version {state.Version} of the ingest state; this program knows version {CurrentVersion}. Go on with the program that wrote it, or start again with --overwrite.")
                : state;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new ClssIngestException($"{path}: the state of the ingest cannot be read ({exception.Message}). Start again with --overwrite.", exception);
        }
    }

    /// <summary>Writes the state so that a crash leaves the old one or the new one.</summary>
    public void Save(string path)
    {
        string temporary = path + ".new";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                JsonSerializer.Serialize(stream, this, IngestStateJson.Default.IngestState);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ClssIngestException($"{path}: the state of the ingest cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Why an earlier run with this state cannot be continued by the one described; null when it can.</summary>
    public string? DifferenceFrom(IngestState other)
    {
        if (Model != other.Model)
        {
            return $"it was made with another model ({Model}, now {other.Model})";
        }

        // A run without structures differs in its options, below.
        if (StructureModel.Length > 0 && other.StructureModel.Length > 0 && StructureModel != other.StructureModel)
        {
            return $"its structures were embedded with another structure tower ({StructureModel}, now {other.StructureModel})";
        }

        if (Options != other.Options)
        {
            return $"it was made with other options ({Options}; now {other.Options})";
        }

        if (Inputs.Count != other.Inputs.Count)
        {
            return $"it was made from {Inputs.Count:N0} input files, not {other.Inputs.Count:N0}";
        }

        for (int i = 0; i < Inputs.Count; i++)
        {
            if (Inputs[i].Name != other.Inputs[i].Name)
            {
                return $"it was made from {Inputs[i].Path}, not {other.Inputs[i].Path}";
            }

            if (Inputs[i].Length != other.Inputs[i].Length)
            {
                return $"{other.Inputs[i].Path} has changed ({Inputs[i].Length:N0} bytes then, {other.Inputs[i].Length:N0} now)";
            }
        }

        return null;
    }

    /// <summary>Whether every file also has the time it had.</summary>
    public bool HasSameTimes(IngestState other) =>
        Inputs.Zip(other.Inputs, (mine, theirs) => mine.LastWriteUtc == theirs.LastWriteUtc && mine.Length >= 0).All(same => same);
}
