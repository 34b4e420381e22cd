using System.CommandLine;
using Clss.Cli.Output;
using Clss.Embedder.Hub;

namespace Clss.Cli.Commands;

/// <summary><c>clss models list</c>: what is installed and what can be.</summary>
internal static class ModelsListCommand
{
    public static Command Create(GlobalOptions global)
    {
        var command = new Command("list", "List the models that are installed and those that can be downloaded.");
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            var store = new ModelStore();
            IReadOnlyList<InstalledModel> installed = store.List();
            var table = new RowTable(session, "clss.models.v1", "name", "state", "bytes", "where", "description");
            foreach (ModelCatalogEntry entry in ModelCatalog.All)
            {
                InstalledModel? here = installed.FirstOrDefault(model => model.Name == entry.Name);
                string state = entry.IsBuiltIn ? "built in" : here is not null ? StateOf(here) : entry.Licence is null ? "not installed" : "not installed, has a licence to accept";
                table.Add(Cell.Of(entry.Name), Cell.Of(state), here is null ? Cell.Missing : Cell.Of(here.Size), Cell.Of(here?.Path ?? ""), Cell.Of(entry.Description));
            }

            foreach (InstalledModel model in installed.Where(model => ModelCatalog.Find(model.Name) is null))
            {
                table.Add(Cell.Of(model.Name), Cell.Of(StateOf(model)), Cell.Of(model.Size), Cell.Of(model.Path), Cell.Of("imported"));
            }

            session.Messages.Detail($"models are kept in {store.Root} (CLSS_HOME)");
            return ExitCode.Done;
        });
        return command;
    }

    private static string StateOf(InstalledModel model) => model.Problem is null ? "installed" : $"damaged: {model.Problem}";
}
