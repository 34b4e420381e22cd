using System.CommandLine;
using Clss.Embedder.Hub;
using Clss.Embedder.Weights;

namespace Clss.Cli.Commands;

/// <summary><c>clss models import SOURCE</c>: makes a model directory of a checkpoint or another folder.</summary>
internal static class ModelsImportCommand
{
    public static Command Create(GlobalOptions global)
    {
        var source = new Argument<string>("SOURCE") { Description = "A checkpoint (.lckpt, .ckpt, .pt), a Hugging Face ESM-2 folder or a model directory." };
        var directory = new Argument<string?>("DIR")
        {
            Description = "The model directory to write (default: the per-user store, under --name).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var name = new Option<string?>("--name") { Description = "The model's name (default: that of the source).", HelpName = "NAME" };
        var config = new Option<string?>("--config") { Description = "A config.json with the dimensions of ESM-2, for a checkpoint that does not tell them.", HelpName = "FILE" };
        var force = new Option<bool>("--force") { Description = "Replace a model that is there." };
        Option<WeightType> type = WeightTypeOption.Create();
        var command = new Command("import", "Make a model directory of a checkpoint.") { source, directory, name, config, force, type };
        command.SetAction((parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string from = parse.GetValue(source)!;
            string modelName = parse.GetValue(name) ?? Path.GetFileNameWithoutExtension(Path.TrimEndingDirectorySeparator(from));
            string target = parse.GetValue(directory) ?? new ModelStore().PathOf(modelName);
            var options = new ModelImportOptions
            {
                Type = parse.GetValue(type),
                Name = modelName,
                Config = parse.GetValue(config) is string file ? EsmConfig.Load(file) : null,
                Replace = parse.GetValue(force),
            };
            ModelManifest manifest = ModelImporter.Import(from, target, options, cancellationToken);
            session.Messages.Info($"{manifest.Description.Name}: imported to {target}");
            session.Messages.Info($"To use it: --model {(parse.GetValue(directory) is null ? modelName : target)}");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
