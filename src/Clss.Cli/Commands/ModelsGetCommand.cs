using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Embedder.Hub;
using Clss.Embedder.Weights;

namespace Clss.Cli.Commands;

/// <summary><c>clss models get NAME</c>: downloads published weights and installs them under their name.</summary>
internal static class ModelsGetCommand
{
    public static Command Create(GlobalOptions global)
    {
        var name = new Argument<string>("NAME") { Description = $"One of {string.Join(", ", ModelCatalog.All.Where(entry => !entry.IsBuiltIn).Select(entry => entry.Name))}." };
        var sha256 = new Option<string?>("--sha256") { Description = "The SHA-256 that the file must have (default: the one the hub states).", HelpName = "HEX" };
        var revision = new Option<string?>("--revision") { Description = "Another branch, tag or commit of the repository.", HelpName = "REV" };
        var force = new Option<bool>("--force") { Description = "Download again what is installed." };
        var keep = new Option<bool>("--keep-checkpoint") { Description = "Keep the downloaded file beside the model made from it." };
        var offline = new Option<bool>("--offline") { Description = "Use what is here; open no connection." };
        Option<WeightType> type = WeightTypeOption.Create();
        var command = new Command("get", "Download a published model (resumes; checks size and SHA-256) and install it.")
        {
            name, sha256, revision, force, keep, offline, type,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            HubSettings settings = HubSettings.FromEnvironment();
            var options = new InstallOptions
            {
                Settings = parse.GetValue(offline) ? settings with { Offline = true } : settings,
                Sha256 = parse.GetValue(sha256),
                Revision = parse.GetValue(revision),
                Replace = parse.GetValue(force),
                KeepCheckpoint = parse.GetValue(keep),
                WeightType = parse.GetValue(type),
            };
            using var progress = new DownloadLine(session);
            var store = new ModelStore();
            DateTimeOffset? before = store.Find(parse.GetValue(name)!)?.Origin?.Installed;
            InstalledModel model = await store.InstallAsync(parse.GetValue(name)!, options, progress, cancellationToken);
            progress.Dispose();
            session.Messages.Info(string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {(before is not null && before == model.Origin?.Installed ? "is installed already" : "installed")}, {model.Size / 1e6:N1} MB in {model.Path}"));
            session.Messages.Info($"To use it: --model {model.Name}");
            return ExitCode.Done;
        });
        return command;
    }
}
