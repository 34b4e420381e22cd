namespace Clss.Embedder.Weights;

/// <summary>
/// An opened model: its description and its weights, whatever form it came in. Tensors of the sequence tower are found below
/// <see cref="SequencePrefix"/>, the adapters at the top of <see cref="Weights"/>.
/// </summary>
public sealed class ModelSource : IDisposable
{
    private readonly ModelFolder? _folder;
    private readonly Lazy<string> _fingerprint;

    internal ModelSource(ModelSourceKind kind, ModelDescription description, WeightFile weights, string weightsFile, string prefix, ModelFolder? folder, string? fingerprint = null)
    {
        Kind = kind;
        Description = description;
        Weights = weights;
        WeightsFile = weightsFile;
        SequencePrefix = prefix;
        _folder = folder;
        _fingerprint = fingerprint is not null
            ? new Lazy<string>(fingerprint)
            : new Lazy<string>(() => kind == ModelSourceKind.StructureFolder ? FingerprintOfStructure() : ModelFingerprint.Compute(Description, Weights, SequencePrefix));
    }

    /// <summary>The form the model came in.</summary>
    public ModelSourceKind Kind { get; }

    /// <summary>What the model is.</summary>
    public ModelDescription Description { get; }

    /// <summary>The tensors of the sequence tower and the adapters. The sequence tower's and the adapters' shapes have been checked.</summary>
    public WeightFile Weights { get; }

    /// <summary>The name of the file behind <see cref="Weights"/>, without its folder.</summary>
    public string WeightsFile { get; }

    /// <summary>What precedes the names of the sequence tower: <c>sequence_encoder.</c>, <c>esm.</c> or nothing.</summary>
    public string SequencePrefix { get; }

    /// <summary>The sequence tower's weights.</summary>
    public WeightScope SequenceEncoder => new(Weights, SequencePrefix);

    /// <summary>
    /// <c>sha256:</c> and hexadecimal digits; equal where vectors are equal. Read from a model directory,
    /// computed from the weights in the other forms (once, when first asked for).
    /// </summary>
    public string Fingerprint => _fingerprint.Value;

    /// <summary>Opens a model by its path.</summary>
    /// <param name="path">A model directory, a checkpoint file, a Hugging Face ESM-2 folder, or a folder of <c>config.json</c> and <c>clss.safetensors</c>.</param>
    /// <param name="config">The sequence tower's dimensions, for a checkpoint that does not tell them; null to find them out.</param>
    /// <exception cref="WeightFormatException">The path is none of these, or the model is damaged or of a kind that is not computed here.</exception>
    public static ModelSource Open(string path, EsmConfig? config = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return ModelSourceReader.Open(path, config);
    }

    /// <summary>Opens the small model inside the program.</summary>
    public static ModelSource OpenBuiltIn() => ModelSourceReader.OpenDirectory(new ModelFolder.BuiltIn(), ModelSourceKind.BuiltIn);

    /// <summary>Whether the model brings a further file, for example <c>esm3.safetensors</c>.</summary>
    public bool HasFile(string name) => _folder?.Has(name) ?? false;

    /// <summary>Opens a further file of weights, which the caller disposes.</summary>
    /// <exception cref="WeightFormatException">The model brings no such file, or it is damaged.</exception>
    public WeightFile OpenFile(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _folder is not null && name == Path.GetFileName(name)
            ? WeightFileOpener.Open(_folder.Open(name))
            : throw new WeightFormatException($"The model '{Description.Name}' brings no file '{name}'.");
    }

    /// <summary>Whether the model brings a structure side.</summary>
    public bool HasStructure =>
        _folder is not null && Description.StructureTower is not null && Description.StructureEncoder is not null && StructureSource.Exists(_folder);

    /// <summary>Opens the structure side that the model brings; the caller disposes it.</summary>
    /// <exception cref="WeightFormatException">The model brings none, or it is damaged.</exception>
    public StructureSource OpenStructure() => _folder is null
        ? throw new WeightFormatException($"The model '{Description.Name}' brings no structure tower.")
        : StructureSource.Open(_folder, Description.StructureTower, Description.StructureEncoder);

    /// <summary>Releases the weights.</summary>
    public void Dispose() => Weights.Dispose();

    private string FingerprintOfStructure()
    {
        using StructureSource structure = OpenStructure();
        return structure.Fingerprint;
    }

    internal ByteSource OpenBytes(string name) =>
        _folder?.Open(name) ?? throw new WeightFormatException($"The model '{Description.Name}' brings no file '{name}'.");
}
