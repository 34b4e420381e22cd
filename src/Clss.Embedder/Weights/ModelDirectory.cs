using System.Security.Cryptography;

namespace Clss.Embedder.Weights;

/// <summary>A folder with <c>model.json</c> and safetensors, the form in which models are installed.</summary>
public static class ModelDirectory
{
    /// <summary>The file that makes a folder a model directory.</summary>
    public const string ManifestFile = ModelSourceReader.ManifestFile;

    /// <summary>Whether the folder has a <c>model.json</c>.</summary>
    public static bool Exists(string directory) => File.Exists(Path.Combine(directory, ManifestFile));

    /// <summary>Reads <c>model.json</c> alone.</summary>
    /// <exception cref="WeightFormatException">Absent, damaged, or of a version that is not read here.</exception>
    public static ModelManifest Load(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        return ModelManifestJson.Read(new ModelFolder.OnDisk(directory).ReadJson(ManifestFile));
    }

    /// <summary>Writes <c>model.json</c>; the files it lists must be there.</summary>
    public static void Save(string directory, ModelManifest manifest)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(manifest);
        string path = Path.Combine(directory, ManifestFile);
        string temporary = path + ".tmp";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(ModelManifestJson.Write(manifest).Span);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Describes a file of the directory: its length and SHA-256.</summary>
    public static ModelFile Describe(string directory, string file)
    {
        using ByteSource source = new ModelFolder.OnDisk(directory).Open(file);
        return new ModelFile(file, source.Length, Sha256(source));
    }

    /// <summary>
    /// Compares every file with <c>model.json</c>: length, SHA-256, shapes, fingerprint.
    /// </summary>
    /// <returns>One sentence per problem; empty for a directory in order.</returns>
    public static IReadOnlyList<string> Verify(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var problems = new List<string>();
        try
        {
            ModelManifest manifest = Load(directory);
            foreach (ModelFile file in manifest.Files)
            {
                VerifyFile(directory, file, problems);
            }

            using ModelSource source = ModelSourceReader.OpenDirectory(new ModelFolder.OnDisk(directory), ModelSourceKind.ModelDirectory);
            string fingerprint = ModelFingerprint.Compute(source.Description, source.Weights, source.SequencePrefix);
            if (fingerprint != manifest.Fingerprint)
            {
                problems.Add($"{Path.Combine(directory, ManifestFile)}: the fingerprint is {manifest.Fingerprint}, the weights give {fingerprint}.");
            }
        }
        catch (WeightFormatException e)
        {
            problems.Add(e.Message);
        }

        return problems;
    }

    internal static string Sha256(ByteSource source)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (long offset = 0; offset < source.Length;)
        {
            int count = (int)Math.Min(buffer.Length, source.Length - offset);
            source.Read(offset, buffer.AsSpan(0, count));
            hash.AppendData(buffer.AsSpan(0, count));
            offset += count;
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void VerifyFile(string directory, ModelFile expected, List<string> problems)
    {
        string path = Path.Combine(directory, expected.Name);
        if (!File.Exists(path))
        {
            problems.Add($"{path} is absent.");
            return;
        }

        ModelFile found = Describe(directory, expected.Name);
        if (found.Bytes != expected.Bytes)
        {
            problems.Add($"{path} has {found.Bytes} bytes, expected {expected.Bytes}.");
        }
        else if (found.Sha256 != expected.Sha256)
        {
            problems.Add($"{path} has the SHA-256 {found.Sha256}, expected {expected.Sha256}: it was changed or is damaged.");
        }
    }
}
