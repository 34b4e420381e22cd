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
        var sha256 = new Option<string?>("--sha256") { Description = "The SHA-256 that the file must have, separated by commas for several files (default: what the hub states).", HelpName = "HEX" };
        var revision = new Option<string?>("--revision") { Description = "Another branch, tag or commit of the repository.", HelpName = "REV" };
        var force = new Option<bool>("--force") { Description = "Download again what is installed." };
        var keep = new Option<bool>("--keep-checkpoint") { Description = "Keep the downloaded file beside the model made from it." };
        var accept = new Option<bool>("--accept-licence") { Description = "I have read the model's licence and accept it (asked for where there is one)." };
        var offline = new Option<bool>("--offline") { Description = "Use what is here; open no connection." };
        Option<WeightType> type = WeightTypeOption.Create();
        var command = new Command("get", "Download a published model (resumes; checks size and SHA-256) and install it.")
        {
            name, sha256, revision, force, keep, accept, offline, type,
        };
        command.SetAction(async (parse, cancellationToken) =>
        {
            Session session = global.Read(parse);
            string wanted = parse.GetValue(name)!;
            ModelCatalogEntry? entry = ModelCatalog.Find(wanted);
            if (entry is { IsStructureWeights: true } && (parse.GetResult(type) is { Implicit: false } || parse.GetValue(keep)))
            {
                throw new UsageException($"the files of '{entry.Name}' are kept as they are published: --dtype and --keep-checkpoint have no meaning here.");
            }

            HubSettings settings = HubSettings.FromEnvironment();
            var options = new InstallOptions
            {
                Settings = parse.GetValue(offline) ? settings with { Offline = true } : settings,
                Sha256 = parse.GetValue(sha256),
                Revision = parse.GetValue(revision),
                Replace = parse.GetValue(force),
                KeepCheckpoint = parse.GetValue(keep),
                WeightType = parse.GetValue(type),
                LicenceAccepted = parse.GetValue(accept),
            };
            using var progress = new DownloadLine(session);
            var store = new ModelStore();
            DateTimeOffset? before = store.Find(wanted)?.Origin?.Installed;
            InstalledModel model;
            try
            {
                model = await store.InstallAsync(wanted, options, progress, cancellationToken);
            }
            catch (HubException exception) when (exception.Failure == HubFailure.LicenceNotAccepted && !Console.IsInputRedirected && !Console.IsErrorRedirected)
            {
                if (!await session.Messages.ConfirmAsync(entry!.ExplainLicence(settings.Endpoint) + "\n\nDo you accept these terms?", Console.In, cancellationToken))
                {
                    session.Messages.Error("the licence was not accepted; nothing was downloaded.");
                    return ExitCode.Failed;
                }

                model = await store.InstallAsync(wanted, options with { LicenceAccepted = true }, progress, cancellationToken);
            }

            progress.Dispose();
            session.Messages.Info(string.Create(CultureInfo.InvariantCulture, $"{model.Name}: {(before is not null && before == model.Origin?.Installed ? "is installed already" : "installed")}, {model.Size / 1e6:N1} MB in {model.Path}"));
            session.Messages.Info(model.IsStructureWeights
                ? "CLSS models without a structure tower of their own use it from now on."
                : $"To use it: --model {model.Name}");
            return ExitCode.Done;
        });
        return command;
    }
}
