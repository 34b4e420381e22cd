using System.CommandLine;
using Clss.Index;

namespace Clss.Cli.Commands;

/// <summary><c>--storage</c>: in which form a database to make keeps its vectors.</summary>
internal sealed class StorageOption
{
    private readonly Option<string> _storage = new("--storage")
    {
        Description = "How vectors are kept: float32, or int16, which takes half the room and rounds elements by at most 0.000016.",
        HelpName = "float32|int16",
        DefaultValueFactory = _ => "float32",
    };

    public StorageOption() => _storage.Validators.Add(result => GlobalOptions.Require(
        StorageOf(result.GetValueOrDefault<string>()) is not null, result, "--storage wants float32 or int16."));

    public void AddTo(Command command) => command.Options.Add(_storage);

    public VectorStorage Read(ParseResult parse) => StorageOf(parse.GetValue(_storage)) ?? VectorStorage.Float32;

    /// <summary>The name of a storage, as the option takes it.</summary>
    public static string NameOf(VectorStorage storage) => storage == VectorStorage.Int16 ? "int16" : "float32";

    private static VectorStorage? StorageOf(string? name) => name switch
    {
        "float32" => VectorStorage.Float32,
        "int16" => VectorStorage.Int16,
        _ => null,
    };
}
