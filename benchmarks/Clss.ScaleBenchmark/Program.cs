using System.Globalization;
using Clss.ScaleBenchmark;
using Clss.ScaleBenchmark.FourBit;

// Builds cells over synthetic vectors without keys, metadata or a log, and searches them.
const string Usage = """
    usage: Clss.ScaleBenchmark ROWS [FOLDER] [--codes int8|4bit|both]
           Clss.ScaleBenchmark --kernels

    Builds and searches cells over ROWS synthetic vectors. FOLDER (default: a temporary one) keeps base.f32 between runs.
    --codes    int8 (default): the codes of the index; 4bit, both: 4-bit codes of residuals, alone or by turns with int8. Cells are then kept in FOLDER too.
    --kernels  checks and times the scans of 4-bit codes beside that of int8.
    """;
if (args is ["--kernels"])
{
    KernelCheck.Run();
    KernelTimings.Run();
    return 0;
}

List<string> positions = [.. args];
CodeChoice? codes = CodeChoice.Int8;
int option = positions.IndexOf("--codes");
if (option >= 0)
{
    codes = positions.ElementAtOrDefault(option + 1) switch
    {
        "int8" => CodeChoice.Int8,
        "4bit" => CodeChoice.FourBit,
        "both" => CodeChoice.Both,
        _ => null,
    };
    positions.RemoveRange(option, Math.Min(2, positions.Count - option));
}

if (codes is null || positions.Count is < 1 or > 2 || !int.TryParse(positions[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int rows) || rows < 1)
{
    Console.Error.WriteLine(Usage);
    return 2;
}

string folder = positions.Count > 1 ? positions[1] : Directory.CreateTempSubdirectory("clss-scale-").FullName;
Directory.CreateDirectory(folder);
using var run = new ScaleRun(rows, folder, codes.Value);
run.Run();
return 0;
