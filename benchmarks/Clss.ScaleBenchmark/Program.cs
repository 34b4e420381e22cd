using System.Globalization;
using Clss.ScaleBenchmark;

// Usage: Clss.ScaleBenchmark ROWS [FOLDER]. Builds cells over synthetic vectors without keys, metadata or a log, and searches them.
if (args.Length is < 1 or > 2 || !int.TryParse(args[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out int rows) || rows < 1)
{
    Console.Error.WriteLine("usage: Clss.ScaleBenchmark ROWS [FOLDER]\n\nBuilds and searches cells over ROWS synthetic vectors. FOLDER (default: a temporary one) keeps base.f32 between runs.");
    return 2;
}

string folder = args.Length > 1 ? args[1] : Directory.CreateTempSubdirectory("clss-scale-").FullName;
Directory.CreateDirectory(folder);
using var run = new ScaleRun(rows, folder);
run.Run();
return 0;
