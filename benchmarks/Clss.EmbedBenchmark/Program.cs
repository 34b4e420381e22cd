using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Clss.EmbedBenchmark;
using Clss.Embedder.Inputs;
using Clss.Embedder.Models;
using Clss.Embedder.Models.Esm2;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Weights;

// Embedding throughput of an ESM-2 with formula-made weights. Usage, and what to compare it with: benchmarks/embedding.md.
if (args.Length == 0 || args[0] is "-h" or "--help")
{
    Console.Error.WriteLine(
        "usage: Clss.EmbedBenchmark FASTA [--layers 12] [--hidden 480] [--heads 20] [--threads 0] [--rounds 3] [--limit N] [--one] [--profile] [--vectors OUT.f32]\n"
        + "       Clss.EmbedBenchmark --structures FOLDER [--lengths 200,200,...] [--threads 0] [--rounds 3] [--profile] [--float32]   (writes FOLDER, 2.8 GB, where it is not there)");
    return 2;
}

if (args[0] == "--structures")
{
    int at = Array.IndexOf(args, "--lengths");
    int[] lengths = [.. (at < 0 ? "200" : args[at + 1]).Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture))];
    return StructureBenchmark.Run(
        args[1], Option("--threads", 0), lengths, Option("--rounds", 3), args.Contains("--profile"), args.Contains("--float32"));
}

int layers = Option("--layers", 12), hidden = Option("--hidden", 480), heads = Option("--heads", 20);
int threads = Option("--threads", 0), rounds = Option("--rounds", 3);
bool oneAtATime = args.Contains("--one");
var config = new EsmConfig { VocabularySize = 33, HiddenSize = hidden, Layers = layers, Heads = heads, IntermediateSize = 4 * hidden };
ProteinSequence[] sequences = [.. ReadSequences(args[0])];
int step = Math.Max(1, sequences.Length / Math.Max(1, Option("--limit", sequences.Length)));
sequences = [.. sequences.Where((_, i) => i % step == 0)];
long residues = sequences.Sum(sequence => (long)sequence.Residues.Length);

using var cpu = new CpuTensorBackend(threads);
var profiler = args.Contains("--profile") ? new ProfilingBackend(cpu) : null;
ITensorBackend backend = profiler is null ? cpu : profiler;
using var weights = new FormulaWeights(config);
var tower = new SequenceTower(backend, new Esm2Model(backend, config, new WeightScope(weights)));
float[] pooled = new float[sequences.Length * tower.Dimension];
Console.WriteLine($"{backend.Name}; {sequences.Length} sequences, {residues} residues; {layers} layers, hidden {hidden}, {heads} heads");

tower.Pool(sequences.AsSpan(0, Math.Min(20, sequences.Length)), pooled.AsSpan(0, Math.Min(20, sequences.Length) * tower.Dimension));
for (int round = 0; round < rounds; round++)
{
    profiler?.Reset();
    long allocated = GC.GetTotalAllocatedBytes();
    TimeSpan processor = Environment.CpuUsage.TotalTime;
    long start = Stopwatch.GetTimestamp();
    for (int i = 0; i < sequences.Length; i += oneAtATime ? 1 : sequences.Length)
    {
        int count = oneAtATime ? 1 : sequences.Length;
        tower.Pool(sequences.AsSpan(i, count), pooled.AsSpan(i * tower.Dimension, count * tower.Dimension));
    }

    double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
    double processorSeconds = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
    allocated = GC.GetTotalAllocatedBytes() - allocated;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{residues / seconds:F0} residues/s ({seconds:F2} s, {(oneAtATime ? "one at a time" : "packed")}, {processorSeconds:F2} s of processor time, {allocated / 1024} KiB managed memory)"));
    profiler?.Print(Console.Out, seconds);
}

Console.WriteLine($"{cpu.PeakActivationBytes >> 20} MiB for activations, {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB in all");
int output = Array.IndexOf(args, "--vectors");
if (output >= 0)
{
    File.WriteAllBytes(args[output + 1], System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(pooled).ToArray());
}

return 0;

int Option(string name, int standard)
{
    int at = Array.IndexOf(args, name);
    return at < 0 ? standard : int.Parse(args[at + 1], CultureInfo.InvariantCulture);
}

// Enough of FASTA for files that are known to be sound.
static IEnumerable<ProteinSequence> ReadSequences(string path)
{
    using Stream file = File.OpenRead(path);
    using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
    using var reader = new StreamReader(plain, Encoding.UTF8);
    StringBuilder? residues = null;
    while (reader.ReadLine() is { } line)
    {
        if (!line.StartsWith('>'))
        {
            residues?.Append(line.Trim());
            continue;
        }

        if (residues is not null)
        {
            yield return new ProteinSequence(residues.ToString());
        }

        residues = new StringBuilder();
    }

    if (residues is not null)
    {
        yield return new ProteinSequence(residues.ToString());
    }
}
