using System.CommandLine;
using Clss.Cli.Output;
using Clss.Embedder.Hub;

namespace Clss.Cli.Commands;

/// <summary><c>clss models verify [MODEL]</c>: compares every file with the hashes written when it was installed.</summary>
internal static class ModelsVerifyCommand
{
    public static Command Create(GlobalOptions global)
    {
        Argument<string?> model = new("MODEL")
        {
            Description = "An installed name or a model directory (default: all that are installed).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("verify", "Read all of a model and compare it with its hashes; exit status 1 if something differs.") { model };
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            string[] directories = Directories(parse.GetValue(model));
            var table = new RowTable(session, "clss.model-check.v1", "model", "state", "what");
            int damaged = 0;
            foreach (string directory in directories)
            {
                IReadOnlyList<string> problems = ModelStore.Verify(directory);
                damaged += problems.Count > 0 ? 1 : 0;
                table.Add(Cell.Of(Path.GetFileName(Path.TrimEndingDirectorySeparator(directory))),
                    Cell.Of(problems.Count == 0 ? "intact" : "damaged"),
                    Cell.Of(problems.Count == 0 ? directory : string.Join(" ", problems)));
            }

            return damaged == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static string[] Directories(string? name)
    {
        var store = new ModelStore();
        if (name is null)
        {
            return [.. store.List().Select(model => model.Path)];
        }

        if (Directory.Exists(name))
        {
            return [name];
        }

        return store.Find(name) is InstalledModel installed
            ? [installed.Path]
            : throw new UsageException($"there is no installed model {name} and no folder of that name. 'clss models list' shows what there is.");
    }
}
