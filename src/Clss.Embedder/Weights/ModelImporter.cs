namespace Clss.Embedder.Weights;

/// <summary>Turns a model in any form that <see cref="ModelSource"/> opens into a model directory.</summary>
public static class ModelImporter
{
    /// <summary>The files of the structure side, copied as they are.</summary>
    private static readonly string[] StructureFiles = ["esm3.safetensors", "structure_encoder.safetensors"];

    /// <summary>Imports with tensors of one type, the rest of the options being as usual.</summary>
    /// <inheritdoc cref="Import(string, string, ModelImportOptions, CancellationToken)"/>
    public static ModelManifest Import(string source, string directory, WeightType type = WeightType.Float32) =>
        Import(source, directory, new ModelImportOptions { Type = type });

    /// <summary>
    /// Imports the tensors that are needed (sequence tower, adapters, temperature) and the files of the structure side.
    /// The directory appears complete or not at all.
    /// </summary>
    /// <param name="source">The path of the model to import.</param>
    /// <param name="directory">The model directory to create.</param>
    /// <param name="options">How to import.</param>
    /// <param name="cancellationToken">Stops between tensors and leaves nothing behind.</param>
    /// <returns>What the new <c>model.json</c> says.</returns>
    /// <exception cref="WeightFormatException">The source cannot be read, or the target exists.</exception>
    public static ModelManifest Import(string source, string directory, ModelImportOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Type is { } type && !type.IsFloat())
        {
            throw new ArgumentException($"Weights are stored as Float32, Float16, BFloat16 or Float64, not {type}.", nameof(options));
        }

        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        CheckTarget(target, options.Replace);
        using ModelSource model = ModelSource.Open(source, options.Config);
        if (model.Kind == ModelSourceKind.StructureFolder)
        {
            throw new WeightFormatException($"'{source}' holds a structure tower alone, which is used as it is and needs no import.");
        }

        string parent = Path.GetDirectoryName(target) ?? throw new WeightFormatException($"'{directory}' cannot be a model directory.");
        string temporary = Path.Combine(parent, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(temporary);
            ModelManifest manifest = Write(model, source, temporary, options, cancellationToken);
            Publish(temporary, target);
            return manifest;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WeightFormatException($"The model directory '{directory}' cannot be written: {e.Message}", e);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static void CheckTarget(string target, bool replace)
    {
        if (File.Exists(target))
        {
            throw new WeightFormatException($"'{target}' is a file; give a folder that does not exist yet.");
        }

        if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any())
        {
            return;
        }

        if (!ModelDirectory.Exists(target))
        {
            throw new WeightFormatException($"The folder '{target}' exists and holds something other than a model; give another name.");
        }

        if (!replace)
        {
            throw new WeightFormatException($"The model directory '{target}' exists. Give another name, or ask for it to be replaced.");
        }
    }

    private static ModelManifest Write(ModelSource model, string source, string folder, ModelImportOptions options, CancellationToken cancellationToken)
    {
        WriteWeights(model, Path.Combine(folder, ModelSourceReader.ClssWeights), options.Type, cancellationToken);
        foreach (string file in StructureFiles.Where(model.HasFile))
        {
            Copy(model, file, Path.Combine(folder, file), cancellationToken);
        }

        ModelManifest draft = Describe(model, source, options);
        string[] names = [ModelSourceReader.ClssWeights, .. StructureFiles.Where(model.HasFile)];
        using WeightFile written = SafetensorsFile.Open(Path.Combine(folder, ModelSourceReader.ClssWeights));
        ModelManifest manifest = draft with
        {
            Fingerprint = ModelFingerprint.Compute(draft.Description, written, ModelTensors.SequenceEncoder),
            Files = [.. names.Select(name => ModelDirectory.Describe(folder, name))],
        };
        ModelDirectory.Save(folder, manifest);
        return manifest;
    }

    private static ModelManifest Describe(ModelSource model, string source, ModelImportOptions options)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        using ByteSource weights = ByteSource.Open(Directory.Exists(full) ? Path.Combine(full, model.WeightsFile) : full);
        return new ModelManifest
        {
            Description = model.Description with
            {
                Name = options.Name ?? model.Description.Name,
                Notice = options.Notice ?? model.Description.Notice,
                Provenance = new ModelProvenance
                {
                    Source = Path.GetFileName(full),
                    SourceSha256 = ModelDirectory.Sha256(weights),
                    Tool = $"CLSS for .NET {typeof(ModelImporter).Assembly.GetName().Version?.ToString(3)}",
                    Created = TimeProvider.System.GetUtcNow(),
                },
            },
            Fingerprint = "",
            WeightsFile = ModelSourceReader.ClssWeights,
            Files = [],
        };
    }

    private static void WriteWeights(ModelSource model, string path, WeightType? type, CancellationToken cancellationToken)
    {
        using var renamed = new RenamedWeights(model, cancellationToken);
        var writer = new SafetensorsWriter();

        // Python programs ask for this before they load a file.
        writer.AddMetadata("format", "pt");
        foreach (WeightInfo info in renamed.Tensors.Values)
        {
            writer.Add(renamed, info.Name, type ?? info.Type);
        }

        writer.Save(path);
    }

    private static void Copy(ModelSource model, string file, string path, CancellationToken cancellationToken)
    {
        // Opened as weights first, so that a damaged file is not copied.
        model.OpenFile(file).Dispose();
        using ByteSource source = model.OpenBytes(file);
        using var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var buffer = new byte[1 << 20];
        for (long offset = 0; offset < source.Length;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = (int)Math.Min(buffer.Length, source.Length - offset);
            source.Read(offset, buffer.AsSpan(0, count));
            target.Write(buffer, 0, count);
            offset += count;
        }

        target.Flush(flushToDisk: true);
    }

    /// <summary>Moves the finished folder into place; an old model directory steps aside until that has worked.</summary>
    private static void Publish(string temporary, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(temporary, target);
            return;
        }

        string old = temporary + ".old";
        Directory.Move(target, old);
        try
        {
            Directory.Move(temporary, target);
        }
        catch
        {
            Directory.Move(old, target);
            throw;
        }

        Directory.Delete(old, recursive: true);
    }

    /// <summary>The needed tensors of a model under the names of a model directory.</summary>
    private sealed class RenamedWeights : WeightFile
    {
        private readonly WeightFile _weights;
        private readonly Dictionary<string, WeightInfo> _infos = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _fileNames = new(StringComparer.Ordinal);
        private readonly CancellationToken _cancellationToken;

        public RenamedWeights(ModelSource model, CancellationToken cancellationToken)
        {
            _weights = model.Weights;
            _cancellationToken = cancellationToken;
            foreach ((string name, string fileName, _) in ModelTensors.All(model.Description, model.SequencePrefix))
            {
                Add(name, fileName);
            }

            if (_weights.Tensors.TryGetValue(ModelTensors.Temperature, out WeightInfo? temperature) && temperature.Type.IsFloat() && temperature.Count == 1)
            {
                Add(ModelTensors.Temperature, ModelTensors.Temperature);
            }
        }

        public override string Source => _weights.Source;

        public override IReadOnlyDictionary<string, WeightInfo> Tensors => _infos;

        protected override void ReadElements(WeightInfo info, Span<float> destination)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            _weights.Read(_fileNames[info.Name], destination);
        }

        private void Add(string name, string fileName)
        {
            _infos.Add(name, _weights.Find(fileName) with { Name = name });
            _fileNames.Add(name, fileName);
        }
    }
}
