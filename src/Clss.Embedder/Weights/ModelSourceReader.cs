namespace Clss.Embedder.Weights;

/// <summary>Decides what a path is and opens it.</summary>
internal static class ModelSourceReader
{
    public const string ManifestFile = "model.json";
    public const string ConfigFile = "config.json";
    public const string ClssWeights = "clss.safetensors";

    private const string HuggingFaceWeights = "model.safetensors";
    private const string HuggingFaceCheckpoint = "pytorch_model.bin";
    private const string SequenceEncoderKey = "sequence_encoder";

    private const string Expected =
        "Expected one of: a model directory (with model.json), a checkpoint file (.lckpt, .ckpt, .pt), "
        + "a Hugging Face ESM-2 folder (config.json and model.safetensors), a folder with config.json and clss.safetensors, "
        + "or a folder with config.json and the weights of ESM3 and its structure encoder.";

    public static ModelSource Open(string path, EsmConfig? config)
    {
        if (Directory.Exists(path))
        {
            return OpenFolder(new ModelFolder.OnDisk(path), config);
        }

        return File.Exists(path)
            ? OpenFile(path, config)
            : throw new WeightFormatException($"There is no model '{path}'.{SuggestSibling(path)} {Expected}");
    }

    public static ModelSource OpenDirectory(ModelFolder folder, ModelSourceKind kind)
    {
        ModelManifest manifest = ModelManifestJson.Read(folder.ReadJson(ManifestFile));
        WeightFile weights = WeightFileOpener.Open(folder.Open(manifest.WeightsFile));
        return Checked(weights, () => new ModelSource(kind, manifest.Description, weights, manifest.WeightsFile, ModelTensors.SequenceEncoder, folder, manifest.Fingerprint));
    }

    private static ModelSource OpenFolder(ModelFolder folder, EsmConfig? config)
    {
        if (folder.Has(ManifestFile))
        {
            return OpenDirectory(folder, ModelSourceKind.ModelDirectory);
        }

        if (!folder.Has(ConfigFile))
        {
            throw new WeightFormatException($"{folder.Place} holds neither {ManifestFile} nor {ConfigFile}. {Expected}");
        }

        JsonObjectReader json = folder.ReadJson(ConfigFile);
        return json.Has(SequenceEncoderKey) ? OpenClssFolder(folder, json, config)
            : json.Has("esm3") && StructureSource.Exists(folder) ? OpenStructureFolder(folder, json)
            : json.Has("model_type") ? OpenHuggingFace(folder, config ?? EsmConfigJson.Read(json))
            : throw new WeightFormatException($"{json.Place} describes no sequence tower: it has neither \"{SequenceEncoderKey}\" nor \"model_type\". {Expected}");
    }

    private static ModelSource OpenClssFolder(ModelFolder folder, JsonObjectReader json, EsmConfig? config)
    {
        config ??= EsmConfigJson.Read(json.RequiredObject(SequenceEncoderKey));
        Esm3Config? tower = StructureConfigJson.ReadTower(json);
        StructureEncoderConfig? encoder = StructureConfigJson.ReadEncoder(json);
        string name = json.Text("model") ?? folder.Name;
        WeightFile weights = WeightFileOpener.Open(folder.Open(ClssWeights));
        return Checked(weights, () => new ModelSource(
            ModelSourceKind.ClssFolder,
            Describe(name, weights, config) with { StructureTower = tower, StructureEncoder = encoder },
            weights,
            ClssWeights,
            ModelTensors.SequenceEncoder,
            folder));
    }

    private static ModelSource OpenStructureFolder(ModelFolder folder, JsonObjectReader json)
    {
        Esm3Config? tower = StructureConfigJson.ReadTower(json);
        StructureEncoderConfig? encoder = StructureConfigJson.ReadEncoder(json);
        using StructureSource structure = StructureSource.Open(folder, tower, encoder);
        var description = new ModelDescription
        {
            Name = json.Text("model") ?? folder.Name,
            Dimension = 0,
            SequenceTower = null,
            HasSequenceAdapter = false,
            HasStructureAdapter = false,
            StructureTower = tower,
            StructureEncoder = encoder,
        };
        string file = Path.GetFileName(structure.TowerWeights.Source);
        return new ModelSource(ModelSourceKind.StructureFolder, description, WeightFileOpener.Open(ByteSource.Open(structure.TowerWeights.Source)), file, "", folder);
    }

    private static ModelSource OpenHuggingFace(ModelFolder folder, EsmConfig config)
    {
        string? file = folder.Has(HuggingFaceWeights) ? HuggingFaceWeights : folder.Has(HuggingFaceCheckpoint) ? HuggingFaceCheckpoint : null;
        if (file is null)
        {
            string hint = folder.Has(HuggingFaceWeights + ".index.json")
                ? $"its weights are split into several files, which are not read; save the model in one piece as {HuggingFaceWeights}"
                : $"it has a {ConfigFile} but no {HuggingFaceWeights}";
            throw new WeightFormatException($"{folder.Place}: {hint}. {Expected}");
        }

        WeightFile weights = WeightFileOpener.Open(folder.Open(file));
        return Checked(weights, () =>
        {
            string prefix = EsmConfigInference.FindPrefix(weights);
            return new ModelSource(ModelSourceKind.HuggingFace, Describe(folder.Name, weights, config), weights, file, prefix, folder);
        });
    }

    private static ModelSource OpenFile(string path, EsmConfig? config)
    {
        ByteSource source = ByteSource.Open(path);
        if (!WeightFileOpener.IsCheckpoint(source))
        {
            source.Dispose();
            string extension = Path.GetExtension(path);
            string hint = extension is ".safetensors" or ".json" ? " Give the folder that holds it instead, with its configuration beside it." : "";
            throw new WeightFormatException($"{path} is no checkpoint: it begins neither like a zip file nor like a pickle.{hint} {Expected}");
        }

        TorchCheckpoint checkpoint = TorchCheckpoint.Open(source);
        return Checked(checkpoint, () =>
        {
            string prefix = EsmConfigInference.FindPrefix(checkpoint);
            EsmConfig found = config ?? ConfigBeside(path) ?? EsmConfigInference.Infer(checkpoint, prefix, checkpoint.HyperParameters);
            string name = Path.GetFileNameWithoutExtension(path);
            return new ModelSource(ModelSourceKind.Checkpoint, Describe(name, checkpoint, found), checkpoint, Path.GetFileName(path), prefix, folder: null);
        });
    }

    /// <summary>The configuration in the checkpoint's folder, if it is one of an ESM network; other programs have a config.json too.</summary>
    private static EsmConfig? ConfigBeside(string path)
    {
        var folder = new ModelFolder.OnDisk(Path.GetDirectoryName(Path.GetFullPath(path))!);
        if (!folder.Has(ConfigFile))
        {
            return null;
        }

        JsonObjectReader json = folder.ReadJson(ConfigFile);
        JsonObjectReader tower = json.Object(SequenceEncoderKey) ?? json;
        return tower.Text("model_type") == "esm" ? EsmConfigJson.Read(tower) : null;
    }

    private static ModelDescription Describe(string name, WeightFile weights, EsmConfig config)
    {
        config.Validate("the given configuration");
        int sequence = AdapterRows(weights, ModelTensors.SequenceAdapterWeight);
        int structure = AdapterRows(weights, ModelTensors.StructureAdapterWeight);
        if (sequence > 0 && structure > 0 && sequence != structure)
        {
            throw new WeightFormatException($"{weights.Source}: the sequence adapter leads to {sequence} dimensions, the structure adapter to {structure}.");
        }

        return new ModelDescription
        {
            Name = name,
            Dimension = Math.Max(sequence, structure),
            SequenceTower = config,
            HasSequenceAdapter = sequence > 0,
            HasStructureAdapter = structure > 0,
        };
    }

    private static int AdapterRows(WeightFile weights, string name)
    {
        if (!weights.Tensors.TryGetValue(name, out WeightInfo? info))
        {
            return 0;
        }

        const int most = 1 << 20;
        return info.Shape is [> 0 and <= most, > 0]
            ? (int)info.Shape[0]
            : throw new WeightFormatException($"{weights.Source}: '{name}' has shape {info.ShapeText}, expected [dimension, width].");
    }

    /// <summary>Checks the tensors against the description; on any failure the weights are released.</summary>
    private static ModelSource Checked(WeightFile weights, Func<ModelSource> open)
    {
        try
        {
            ModelSource source = open();
            ModelTensors.Check(source.Description, weights, source.SequencePrefix);
            return source;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    private static string SuggestSibling(string path)
    {
        try
        {
            string full = Path.GetFullPath(path);
            string? parent = Path.GetDirectoryName(full);
            if (parent is null || !Directory.Exists(parent))
            {
                return "";
            }

            return NameSuggestion.For(Path.GetFileName(full), Directory.EnumerateFileSystemEntries(parent).Select(entry => Path.GetFileName(entry)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A suggestion is a courtesy; the message it belongs to says what is wrong.
            return "";
        }
    }
}
