namespace Clss.Embedder.Weights;

/// <summary>
/// The opened weights of a structure side: ESM3's trunk and its structure encoder. A folder has <c>config.json</c> (or <c>model.json</c>) and either
/// <c>esm3.safetensors</c> and <c>structure_encoder.safetensors</c>, or the published state dicts <c>esm3_sm_open_v1.pth</c> and
/// <c>esm3_structure_encoder_v0.pth</c>. Networks built from it may read from the mapped files: it must outlive them.
/// </summary>
public sealed class StructureSource : IDisposable
{
    private static readonly string[] TowerFiles = ["esm3.safetensors", "esm3_sm_open_v1.pth", "data/weights/esm3_sm_open_v1.pth"];

    private static readonly string[] EncoderFiles =
        ["structure_encoder.safetensors", "esm3_structure_encoder_v0.pth", "data/weights/esm3_structure_encoder_v0.pth"];

    private readonly Lazy<string> _fingerprint;

    private StructureSource(string place, Esm3Config tower, StructureEncoderConfig encoder, WeightFile towerWeights, WeightFile encoderWeights)
    {
        Place = place;
        Tower = tower;
        Encoder = encoder;
        TowerWeights = towerWeights;
        EncoderWeights = encoderWeights;
        _fingerprint = new Lazy<string>(() => StructureFingerprint.Compute(this));
    }

    /// <summary>The folder, for messages.</summary>
    public string Place { get; }

    /// <summary>The dimensions of the trunk.</summary>
    public Esm3Config Tower { get; }

    /// <summary>The dimensions of the structure encoder.</summary>
    public StructureEncoderConfig Encoder { get; }

    /// <summary>The trunk's tensors.</summary>
    public WeightFile TowerWeights { get; }

    /// <summary>The structure encoder's tensors.</summary>
    public WeightFile EncoderWeights { get; }

    /// <summary>
    /// <c>sha256:</c> and hexadecimal digits over both networks; equal where pooled structure embeddings are equal. Computed when first asked for:
    /// it reads all weights, some seconds for the real ESM3.
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Bytes of all tensors as they are stored.</summary>
    public long StoredBytes =>
        TowerWeights.Tensors.Values.Concat(EncoderWeights.Tensors.Values).Sum(info => info.Count * info.Type.Size());

    /// <summary>Opens the structure side of a folder.</summary>
    /// <exception cref="WeightFormatException">The folder has none, or it is damaged.</exception>
    public static StructureSource Open(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
        {
            throw new WeightFormatException($"There is no folder '{directory}' with the weights of a structure tower.");
        }

        var folder = new ModelFolder.OnDisk(directory);
        string? description = folder.Has(ModelSourceReader.ManifestFile) ? ModelSourceReader.ManifestFile
            : folder.Has(ModelSourceReader.ConfigFile) ? ModelSourceReader.ConfigFile
            : null;
        if (description is null)
        {
            throw new WeightFormatException($"{directory} holds neither {ModelSourceReader.ManifestFile} nor {ModelSourceReader.ConfigFile}.");
        }

        JsonObjectReader json = folder.ReadJson(description);
        return Open(folder, StructureConfigJson.ReadTower(json), StructureConfigJson.ReadEncoder(json));
    }

    /// <summary>Releases the files; networks built from them must not be used any more.</summary>
    public void Dispose()
    {
        TowerWeights.Dispose();
        EncoderWeights.Dispose();
    }

    internal static bool Exists(ModelFolder folder) => Find(folder, TowerFiles) is not null && Find(folder, EncoderFiles) is not null;

    internal static StructureSource Open(ModelFolder folder, Esm3Config? tower, StructureEncoderConfig? encoder)
    {
        if (tower is null || encoder is null)
        {
            throw new WeightFormatException($"{folder.Place}: the description has no \"esm3\" and \"structure_encoder\", the dimensions of a structure tower.");
        }

        tower.Validate(folder.Place);
        WeightFile towerWeights = WeightFileOpener.Open(folder.Open(Require(folder, TowerFiles)));
        try
        {
            return new StructureSource(folder.Place, tower, encoder, towerWeights, WeightFileOpener.Open(folder.Open(Require(folder, EncoderFiles))));
        }
        catch
        {
            towerWeights.Dispose();
            throw;
        }
    }

    private static string Require(ModelFolder folder, string[] names) =>
        Find(folder, names) ?? throw new WeightFormatException($"{folder.Place} has none of the files {string.Join(", ", names)}.");

    private static string? Find(ModelFolder folder, string[] names) => names.FirstOrDefault(folder.Has);
}
