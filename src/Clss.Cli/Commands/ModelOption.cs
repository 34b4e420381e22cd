using System.CommandLine;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Embedder.Hub;
using Clss.Embedder.Weights;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>--model M</c>: an installed name, a model directory or a checkpoint file.</summary>
internal static class ModelOption
{
    public static Option<string?> Create(string defaultText) => new("--model")
    {
        Description = $"An installed model, a model directory, a checkpoint (.lckpt, .ckpt, .pt) or a Hugging Face ESM-2 directory (default: {defaultText}).",
        HelpName = "M",
    };

    /// <summary>Loads the model named, or the built-in one.</summary>
    public static ClssEmbedder Load(Session session, string? model)
    {
        var options = new EmbedderOptions { Threads = session.Threads };
        string name = model ?? ModelCatalog.BuiltInName;
        ClssEmbedder embedder;
        if (string.Equals(name, ModelCatalog.BuiltInName, StringComparison.OrdinalIgnoreCase) && !Path.Exists(name))
        {
            embedder = ClssEmbedder.LoadBuiltIn(options);
        }
        else
        {
            string path = Path.Exists(name) ? name : InstalledPath(name);
            embedder = ClssEmbedder.Load(path, options with { StructureModel = StructureWeightsFor(session, path) });
        }

        session.Messages.Detail($"model {embedder.Name} ({embedder.Fingerprint})");
        if (embedder.Notice is { Length: > 0 } notice)
        {
            session.Messages.Warning($"{embedder.Name}: {notice}");
        }

        return embedder;
    }

    /// <summary>Loads the model named, or else the one that a database was made with.</summary>
    public static ClssEmbedder LoadFor(Session session, string? model, CollectionInfo database)
    {
        string? own = database.ModelName.Length > 0 ? database.ModelName : null;
        try
        {
            return Load(session, model ?? own);
        }
        catch (ClssEmbedderException exception) when (model is null && own is not null)
        {
            throw new ClssEmbedderException(
                $"The database was made with the model {own}, which could not be opened here. Give it with --model. ({exception.Message})", exception);
        }
    }

    /// <summary>Opens the model named without loading its weights.</summary>
    public static ModelSource OpenSource(string name) =>
        Path.Exists(name) ? ModelSource.Open(name)
        : string.Equals(name, ModelCatalog.BuiltInName, StringComparison.OrdinalIgnoreCase) ? ModelSource.OpenBuiltIn()
        : ModelSource.Open(InstalledPath(name));

    /// <summary>The installed structure weights, for a model without a structure tower of its own; null where they do not help.</summary>
    private static string? StructureWeightsFor(Session session, string model)
    {
        using ModelSource source = ModelSource.Open(model);
        try
        {
            return new ModelStore().StructureDirectoryFor(source);
        }
        catch (ClssEmbedderException exception)
        {
            // Whoever embeds sequences does not need them.
            session.Messages.Warning(exception.Message);
            return null;
        }
    }

    private static string InstalledPath(string name)
    {
        var store = new ModelStore();
        if (!name.AsSpan().ContainsAny('/', '\\') && store.Find(name) is InstalledModel installed)
        {
            return installed.Problem is null ? installed.Path : throw new ClssEmbedderException($"The installed model {name} is damaged: {installed.Problem} Install it again: clss models get {name}");
        }

        ModelCatalogEntry? entry = ModelCatalog.Find(name);
        if (entry is not null)
        {
            throw new ClssEmbedderException($"The model {entry.Name} is not installed. To fetch it: clss models get {entry.Name}{(entry.Licence is null ? "" : " (needs accepting its licence)")}");
        }

        string? near = Suggestion.Nearest(name, store.List().Select(model => model.Name).Concat(ModelCatalog.All.Select(model => model.Name)));
        throw new ClssEmbedderException(
            $"There is no model {name}: neither a file or folder nor an installed name.{(near is null ? "" : $" Did you mean {near}?")} 'clss models list' shows those that are known.");
    }
}
