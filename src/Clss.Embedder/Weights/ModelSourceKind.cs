namespace Clss.Embedder.Weights;

/// <summary>The forms in which a model can be given.</summary>
public enum ModelSourceKind
{
    /// <summary>A folder with <c>model.json</c>.</summary>
    ModelDirectory,

    /// <summary>A PyTorch or Lightning checkpoint.</summary>
    Checkpoint,

    /// <summary>A folder with Hugging Face's <c>config.json</c> and <c>model.safetensors</c>: an ESM-2 without an adapter.</summary>
    HuggingFace,

    /// <summary>A folder with a <c>config.json</c> that describes all networks, and <c>clss.safetensors</c>.</summary>
    ClssFolder,

    /// <summary>A folder with a <c>config.json</c> and the weights of ESM3 and its structure encoder alone: no adapter, no sequence tower.</summary>
    StructureFolder,

    /// <summary>The small model inside the program.</summary>
    BuiltIn,
}
