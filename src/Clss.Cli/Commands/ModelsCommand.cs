using System.CommandLine;

namespace Clss.Cli.Commands;

/// <summary><c>clss models …</c>: model weights on this machine.</summary>
internal static class ModelsCommand
{
    public static Command Create(GlobalOptions global) => new("models")
    {
        ModelsListCommand.Create(global),
        ModelsGetCommand.Create(global),
        ModelsImportCommand.Create(global),
        ModelsVerifyCommand.Create(global),
        ModelsInfoCommand.Create(global),
    };

    /// <summary>The argument that names a model.</summary>
    public static Argument<string> ModelArgument() => new("MODEL")
    {
        Description = "An installed model's name, clss-mini (built in), a model directory, a checkpoint file or a Hugging Face folder.",
    };
}
