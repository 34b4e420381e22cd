using System.CommandLine;
using System.Globalization;
using Clss.Cli.Output;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>clss db verify DB</c>: reads every byte and compares the checksums.</summary>
internal static class DbVerifyCommand
{
    public static Command Create(GlobalOptions global)
    {
        Argument<string> database = DbCommand.DatabaseArgument();
        var command = new Command("verify", "Read all of a database and check it; exit status 1 and the damaged files by name if it is not intact.") { database };
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            string path = parse.GetValue(database)!;

            // A database whose manifest is damaged is still one to verify: any folder that is not plainly something else.
            string folder = Directory.Exists(path) ? path : DatabasePath.Find(path);
            VerifyReport report = VectorCollection.Verify(folder);
            if (session.Json || !report.IsIntact)
            {
                var table = new RowTable(session, "clss.damage.v1", "file", "section", "damage");
                foreach (Damage damage in report.Damages)
                {
                    table.Add(Cell.Of(damage.File), Cell.Of(damage.Section), Cell.Of(damage.Message));
                }
            }

            if (report.IsIntact)
            {
                session.Messages.Info(string.Create(CultureInfo.InvariantCulture,
                    $"{path}: intact ({report.Files.Count} files, {report.Bytes / 1e6:N1} MB read)"));
                return ExitCode.Done;
            }

            session.Messages.Error($"{path}: damaged ({report.Damages.Count} places). Make it anew with clss createdb, or put back a copy.");
            return ExitCode.Failed;
        });
        return command;
    }
}
