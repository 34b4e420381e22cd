using Clss.Embedder.Weights;

namespace Clss.Embedder.Hub;

/// <summary>The weights of a structure tower in a folder: the published files as they are, and a <c>config.json</c> with the dimensions.</summary>
internal static class StructureFiles
{
    public const string Tower = "esm3_sm_open_v1.pth";
    public const string Encoder = "esm3_structure_encoder_v0.pth";

    /// <summary>
    /// The dimensions of ESM3-open, which its files do not state: ESM3_sm_open_v0 and ESM3_structure_encoder_v0 in esm/pretrained.py,
    /// and the neighbours of StructureTokenEncoder in esm/models/vqvae.py (https://github.com/evolutionaryscale/esm).
    /// </summary>
    public const string PublishedConfig = """
        {
          "esm3": { "d_model": 1536, "n_heads": 24, "v_heads": 256, "n_layers": 48 },
          "structure_encoder": { "d_model": 1024, "n_heads": 1, "v_heads": 128, "n_layers": 2, "d_out": 128, "n_codes": 4096, "knn": 16 }
        }

        """;

    private static readonly string[] All = [ModelSourceReader.ConfigFile, Tower, Encoder];

    /// <summary>Whether the folder holds structure weights, whole or not, rather than a model.</summary>
    public static bool AreIn(string directory) =>
        !ModelDirectory.Exists(directory) && (File.Exists(Path.Combine(directory, Tower)) || File.Exists(Path.Combine(directory, Encoder)));

    /// <summary>Refuses what does not even begin like weights. The dimensions are compared when the tower is loaded.</summary>
    /// <exception cref="WeightFormatException">The file is damaged or something else.</exception>
    public static void RequireCheckpoint(string path)
    {
        using TorchCheckpoint checkpoint = TorchCheckpoint.Open(path);
    }

    /// <summary>What is wrong by presence and size, without reading the files; null when nothing is.</summary>
    public static string? FindProblem(string directory, ModelOrigin? origin)
    {
        foreach (string name in All)
        {
            var found = new FileInfo(Path.Combine(directory, name));
            long? size = origin?.Files.FirstOrDefault(file => file.Name == name)?.Size;
            if (!found.Exists || (size is not null && size != found.Length))
            {
                return $"{found.FullName} {(found.Exists ? $"has {found.Length} bytes, expected {size}" : "is absent")}. Install the weights again.";
            }
        }

        return null;
    }

    /// <summary>Reads everything and compares it with <c>download.json</c>, where there is one; one sentence per problem.</summary>
    public static IReadOnlyList<string> Verify(string directory)
    {
        var problems = new List<string>();
        try
        {
            ModelOrigin? origin = ModelOrigin.Read(directory);
            if (FindProblem(directory, origin) is { } problem)
            {
                return [problem];
            }

            foreach (ModelOriginFile expected in origin?.Files ?? [])
            {
                string sha256 = ModelDirectory.Describe(directory, expected.Name).Sha256;
                if (sha256 != expected.Sha256)
                {
                    problems.Add($"{Path.Combine(directory, expected.Name)} has the SHA-256 {sha256}, expected {expected.Sha256}: it was changed or is damaged.");
                }
            }

            RequireCheckpoint(Path.Combine(directory, Tower));
            RequireCheckpoint(Path.Combine(directory, Encoder));
        }
        catch (ClssEmbedderException exception)
        {
            problems.Add(exception.Message);
        }

        return problems;
    }
}
