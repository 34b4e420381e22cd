using System.CommandLine;
using Clss.Cli.Output;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>clss db list [DIR]</c>: the databases in a folder.</summary>
internal static class DbListCommand
{
    public static Command Create(GlobalOptions global)
    {
        var folder = new Argument<string?>("DIR")
        {
            Description = "The folder to look in (default: CLSS_DATA_DIR, else the current folder).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("list", "List the databases in a folder.") { folder };
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            string path = parse.GetValue(folder) ?? DatabasePath.DataFolder ?? ".";
            if (!Directory.Exists(path))
            {
                throw new UsageException($"there is no folder {path}.");
            }

            Run(session, path);
            return ExitCode.Done;
        });
        return command;
    }

    private static void Run(Session session, string folder)
    {
        var table = new RowTable(session, "clss.databases.v1", "database", "vectors", "dimension", "model", "bytes");
        int count = 0;
        foreach (string path in Directory.EnumerateDirectories(folder).Where(DatabasePath.IsDatabase).Order(StringComparer.Ordinal))
        {
            count++;
            string name = Path.GetFileName(path);
            try
            {
                using VectorCollection collection = VectorCollection.Open(path);
                CollectionInfo info = collection.Info;
                table.Add(Cell.Of(name), Cell.Of(info.Count), Cell.Of(info.Dimension), Cell.Of(info.ModelName), Cell.Of(info.BytesOnDisk));
            }
            catch (ClssIndexException exception)
            {
                session.Messages.Warning($"{name}: {exception.Message}");
            }
        }

        session.Messages.Detail($"{count} databases in {Path.GetFullPath(folder)}");
    }
}
