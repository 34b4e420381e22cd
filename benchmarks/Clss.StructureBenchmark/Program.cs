using System.Diagnostics;
using System.Globalization;
using Clss.Ingest;
using Clss.Ingest.Sources;
using Clss.Ingest.Structures;

// Reads every structure of a folder ROUNDS times and prints, for each kind of file, the median round: megabytes of plain text and atoms per second, and bytes allocated
// per atom. "unpack FOLDER TARGET" first writes plain copies, so that parsing and inflating can be told apart; "read FOLDER ROUNDS [chains]" measures.
// benchmarks/gemmi/gemmi_peer.cpp does the same with gemmi, and prints the same columns. One thread both.
if (args is ["unpack", var from, var to])
{
    Unpack(from, to);
    return 0;
}

if (args is not ["read", var folder, var roundsText, ..])
{
    Console.Error.WriteLine("usage: unpack FOLDER TARGET | read FOLDER ROUNDS [chains]");
    return 2;
}

bool chains = args.Contains("chains");
Console.WriteLine("kind files plain_MB atoms ms MB/s Matoms/s allocated_bytes/atom");
foreach (IGrouping<string, string> kind in Readable(folder).GroupBy(KindOf).OrderBy(group => group.Key, StringComparer.Ordinal))
{
    Measure(kind.Key, [.. kind], int.Parse(roundsText, CultureInfo.InvariantCulture), chains);
}

return 0;

static void Measure(string kind, string[] files, int rounds, bool chains)
{
    long plain = files.Sum(PlainLength);
    ReadAll(files, chains);
    var times = new double[rounds];
    long atoms = 0;
    long allocated = 0;
    for (int round = 0; round < rounds; round++)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        atoms = ReadAll(files, chains);
        times[round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        allocated = GC.GetAllocatedBytesForCurrentThread() - before;
    }

    Array.Sort(times);
    double median = times[rounds / 2];
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{kind} {files.Length} {plain / 1e6:F1} {atoms} {median:F1} {plain / 1e3 / median:F0} {atoms / 1e3 / median:F2} {(double)allocated / atoms:F1}"));
}

static long ReadAll(string[] files, bool chains)
{
    long atoms = 0;
    foreach (string file in files)
    {
        Structure structure = StructureFile.Open(file);
        atoms += structure.AtomCount;
        atoms += chains ? BackboneExtractor.Extract(structure).Chains.Count * 0L : 0;
    }

    return atoms;
}

static IEnumerable<string> Readable(string folder) =>
    Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Where(file =>
    {
        try
        {
            return !file.EndsWith(".md", StringComparison.Ordinal) && !file.EndsWith(".tsv", StringComparison.Ordinal) && StructureFile.Open(file).AtomCount > 0;
        }
        catch (ClssIngestException)
        {
            return false;
        }
    });

static string KindOf(string file)
{
    string packed = file.EndsWith(".gz", StringComparison.Ordinal) ? ".gz" : "";
    return StructureFile.Open(file).Format + packed;
}

static long PlainLength(string file)
{
    using Stream stream = InputStream.Open(file);
    byte[] buffer = new byte[1 << 16];
    long length = 0;
    while (stream.Read(buffer) is int read and > 0)
    {
        length += read;
    }

    return length;
}

static void Unpack(string from, string to)
{
    foreach (string file in Readable(from))
    {
        string name = Path.GetRelativePath(from, file);
        string target = Path.Combine(to, name.EndsWith(".gz", StringComparison.Ordinal) ? name[..^3] : name);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using Stream plain = InputStream.Open(file);
        using FileStream copy = File.Create(target);
        plain.CopyTo(copy);
    }
}
