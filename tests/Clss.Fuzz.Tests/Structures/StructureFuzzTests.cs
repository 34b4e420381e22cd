using System.Diagnostics;
using System.Globalization;
using Clss.Ingest;
using Clss.Ingest.Structures;
using Clss.Testing;

namespace Clss.Fuzz.Tests.Structures;

/// <summary>
/// Damaged structure files give a structure or the package's own exception, in bounded time and memory. The seed is printed; <c>CLSS_FUZZ_SEED</c> repeats a run,
/// <c>CLSS_FUZZ_SECONDS</c> makes it longer.
/// </summary>
public class StructureFuzzTests
{
    private const int DefaultSeconds = 4;
    private const int MaxFileLength = 150_000;
    private const int MaxMilliseconds = 5_000;

    [Fact]
    public void Read_MutatedFiles_GivesAStructureOrItsOwnError()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLSS_FUZZ_SEED"), out int given) ? given : Environment.TickCount;
        int seconds = int.TryParse(Environment.GetEnvironmentVariable("CLSS_FUZZ_SECONDS"), out int wanted) ? wanted : DefaultSeconds;
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        (string Name, byte[] Bytes)[] corpus = [.. FindCorpus()];
        Assert.InRange(corpus.Length, 5, int.MaxValue);
        var clock = Stopwatch.StartNew();
        int structures = 0;
        int errors = 0;
        long slowest = 0;
        for (int run = 0; clock.Elapsed.TotalSeconds < seconds; run++)
        {
            (string name, byte[] original) = corpus[random.Next(corpus.Length)];
            byte[] bytes = Mutate(original, corpus[random.Next(corpus.Length)].Bytes, random);
            var taken = Stopwatch.StartNew();
            try
            {
                ReadUnderBothPolicies(bytes, name);
                structures++;
            }
            catch (ClssIngestException)
            {
                errors++;
            }
            catch (Exception exception)
            {
                string kept = Path.Combine(Path.GetTempPath(), $"clss-fuzz-{seed}-{run}");
                File.WriteAllBytes(kept, bytes);
                Assert.Fail($"seed {seed}, run {run}, {name}, kept as {kept}: {exception}");
            }

            // What stopped once for the machine's sake does not stop three times.
            long milliseconds = taken.ElapsedMilliseconds;
            for (int again = 0; again < 2 && milliseconds >= MaxMilliseconds; again++)
            {
                milliseconds = Math.Min(milliseconds, Repeat(bytes, name));
            }

            slowest = Math.Max(slowest, milliseconds);
            Assert.True(slowest < MaxMilliseconds, $"seed {seed}, run {run}, {name}: {slowest} ms");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{structures} structures, {errors} errors, slowest {slowest} ms, {corpus.Length} files"));
        Assert.True(structures > 0 && errors > 0);
    }

    private static void ReadUnderBothPolicies(byte[] bytes, string name)
    {
        foreach (StructurePolicy policy in Enum.GetValues<StructurePolicy>())
        {
            BackboneExtraction extraction = BackboneExtractor.Extract(StructureFile.Read(new MemoryStream(bytes), name), policy: policy);
            foreach (ChainBackbone chain in extraction.Chains)
            {
                Assert.Equal(chain.Length, chain.Sequence.Length);
                Assert.Equal(chain.Length, chain.ResidueNumbers.Count);
                chain.CopyAtom37(new float[chain.Length * 111]);
                Assert.True(chain.Gaps.Count < Math.Max(1, chain.Length));
            }
        }
    }

    private static long Repeat(byte[] bytes, string name)
    {
        var taken = Stopwatch.StartNew();
        try
        {
            ReadUnderBothPolicies(bytes, name);
        }
        catch (ClssIngestException)
        {
            // The first reading said so already; only the time is asked for.
        }

        return taken.ElapsedMilliseconds;
    }

    [Fact]
    public void Read_MutatedArchives_GivesItemsOrItsOwnError()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLSS_FUZZ_SEED"), out int given) ? given : Environment.TickCount;
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[][] archives = [MakeTar(), MakeZip()];
        var clock = Stopwatch.StartNew();
        int chains = 0;
        int rejected = 0;
        for (int run = 0; clock.Elapsed.TotalSeconds < DefaultSeconds / 2; run++)
        {
            byte[] bytes = Mutate(archives[run % 2], archives[1 - (run % 2)], random);
            try
            {
                foreach (StructureItem item in StructureInput.Open(["-"], standardInput: new MemoryStream(bytes)).Read())
                {
                    chains += item.Chain is null ? 0 : 1;
                    rejected += item.Rejected is null ? 0 : 1;
                }
            }
            catch (ClssIngestException)
            {
                rejected++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, run {run}: {exception}");
            }
        }

        Assert.True(chains > 0 && rejected > 0);
    }

    private static byte[] MakeTar()
    {
        var stream = new MemoryStream();
        using (var writer = new System.Formats.Tar.TarWriter(stream, System.Formats.Tar.TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (string path in SeedFiles())
            {
                writer.WriteEntry(path, Path.GetFileName(path));
            }
        }

        return stream.ToArray();
    }

    private static byte[] MakeZip()
    {
        var stream = new MemoryStream();
        using (var archive = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string path in SeedFiles())
            {
                using Stream entry = archive.CreateEntry(Path.GetFileName(path)).Open();
                entry.Write(File.ReadAllBytes(path));
            }
        }

        return stream.ToArray();
    }

    private static IEnumerable<string> SeedFiles() => Directory.GetFiles(Path.Combine(Repository.Root, "tests", "data", "structures")).Order(StringComparer.Ordinal);

    /// <summary>The seeds kept with the tests, and the reference files where they are at hand.</summary>
    private static IEnumerable<(string Name, byte[] Bytes)> FindCorpus()
    {
        string seeds = Path.Combine(Repository.Root, "tests", "data", "structures");
        string[] folders = Repository.Shared is null ? [seeds] : [seeds, Path.Combine(Repository.Shared, "data", "structures", "awkward"), Path.Combine(Repository.Shared, "data", "structures", "mmcif")];
        foreach (string path in folders.SelectMany(folder => Directory.GetFiles(folder)).Order(StringComparer.Ordinal))
        {
            if (!path.EndsWith(".md", StringComparison.Ordinal) && new FileInfo(path).Length is > 0 and < MaxFileLength)
            {
                yield return (Path.GetFileName(path), File.ReadAllBytes(path));
            }
        }
    }

    private static byte[] Mutate(byte[] original, byte[] other, Random random)
    {
        byte[] bytes = (byte[])original.Clone();
        int changes = 1 << random.Next(7);
        for (int i = 0; i < changes; i++)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = " \n\r\t'\"#;_.-0919AZ?"u8[random.Next(18)];
                    break;
                case 3:
                    random.NextBytes(bytes.AsSpan(at, Math.Min(4, bytes.Length - at)));
                    break;
                case 4 when random.Next(8) == 0:
                    bytes = bytes[..Math.Max(1, at)];
                    break;
                case 5:
                    // A stretch of the file put elsewhere: lines and rows out of order, twice, or cut.
                    int length = random.Next(1, Math.Min(400, bytes.Length - at + 1));
                    bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(random.Next(bytes.Length - length + 1), length), .. bytes.AsSpan(at)];
                    break;
                case 6:
                    int cut = Math.Min(random.Next(1, 200), bytes.Length - 1);
                    at = Math.Min(at, bytes.Length - cut);
                    bytes = [.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + cut)];
                    break;
                default:
                    int from = random.Next(other.Length);
                    int count = Math.Min(random.Next(1, 100), Math.Min(other.Length - from, bytes.Length - at));
                    other.AsSpan(from, count).CopyTo(bytes.AsSpan(at));
                    break;
            }
        }

        return bytes;
    }
}
