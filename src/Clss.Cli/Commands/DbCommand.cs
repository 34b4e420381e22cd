using System.CommandLine;

namespace Clss.Cli.Commands;

/// <summary><c>clss db …</c>: looking into databases.</summary>
internal static class DbCommand
{
    public static Command Create(GlobalOptions global) => new("db")
    {
        DbInfoCommand.Create(global),
        DbVerifyCommand.Create(global),
        DbCheckCommand.Create(global),
        DbTuneCommand.Create(global),
        DbExportCommand.Create(global),
        DbListCommand.Create(global),
    };

    /// <summary>The argument that names a database.</summary>
    public static Argument<string> DatabaseArgument() => new("DB") { Description = "A database folder, or its name in CLSS_DATA_DIR." };
}
