using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Clss.Ingest;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Formats.Tsv;
using Clss.Ingest.Sources;
using Clss.Testing;
using ICSharpCode.SharpZipLib.BZip2;

namespace Clss.Fuzz.Tests.Fasta;

/// <summary>A damaged file gives a result or the package's own exception, in bounded time and memory. The seed is printed.</summary>
public class ReaderFuzzTests
{
    private const long MaxAllocatedPerCase = 64_000_000;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan MaxPerCase = TimeSpan.FromSeconds(5);

    private static readonly byte[] FastaText = Encoding.UTF8.GetBytes(
        "; comment\n>sp|P18355|YPFU_ECOLI Protein OS=E. coli (strain K12) OX=83333 PE=3 SV=1\nMKVLTACDEF\nGHIKL*\n" +
        ">gi|284812301|gb|AAP57076.2| β name [organism]\r\nMK-V..LT\r\n>d1dlwa_ a.1.1.1 (A:) Hemoglobin {Ciliate [TaxId: 5885]}\nslfeqlgg\n" +
        ">ECOD_000098134_e1ez4D2 | 2003.1.1.40 | 1EZ4 D:16-162 | A: a/b three-layered sandwiches, X: R, H: R, T: T, F: F | Protein: L\nMKV LTA\n" +
        ">cath|4_3_0|12asA00/4-330\nMKV\n>AFDB:AF-A0A2L2JPH6-F1 Protein UA=A0A2L2JPH6 OS=N OX=135487\nACDEF\n>e2nmzA1 uid:0 range:A:1-99 assignment:1.1.1.3\nACD\n");

    [Fact]
    public void Fasta_Damaged_GivesRecordsOrTheOwnException() => Fuzz([FastaText, Utf16(FastaText)], ReadFasta);

    [Fact]
    public void Gzip_Damaged_GivesRecordsOrTheOwnException() => Fuzz([Gzip(FastaText), [.. Gzip(FastaText), .. Gzip(FastaText)]], ReadFasta);

    [Fact]
    public void Zstd_Damaged_GivesRecordsOrTheOwnException() => Fuzz([Zstd(FastaText)], ReadFasta);

    [Fact]
    public void Bzip2_Damaged_GivesRecordsOrTheOwnException() => Fuzz([Bzip2(FastaText)], ReadFasta);

    [Fact]
    public void Npy_Damaged_GivesRowsOrTheOwnException()
    {
        var stream = new MemoryStream();
        var writer = new NpyWriter(stream, 8);
        writer.Write(new float[8 * 16]);
        writer.Finish();
        Fuzz([stream.ToArray()], bytes =>
        {
            using NpyReader reader = NpyReader.Open(new MemoryStream(bytes), "x.npy");
            float[] row = new float[reader.Columns];
            while (reader.ReadRows(row) > 0)
            {
            }
        });
    }

    [Fact]
    public void Tsv_Damaged_GivesRowsOrTheOwnException()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m.tsv");
        Fuzz([Encoding.UTF8.GetBytes("id\tlength\tscore\tname\nβ\t10\t0.5\tx\n1e10\t11\t1e-5\t\nc\t\t2\ttrue\n")], bytes =>
        {
            File.WriteAllBytes(path, bytes);
            MetadataTable table = MetadataTable.Open(path);
            Assert.Equal(table.RowCount, table.ReadRows().Count());
        });
    }

    private static void ReadFasta(byte[] bytes)
    {
        var report = new FastaReport();
        using Stream stream = InputStream.Decode(new MemoryStream(bytes), "x.fa");
        foreach (FastaRecord record in FastaReader.Read(stream, report: report, source: "x.fa"))
        {
            Assert.NotEmpty(record.Id);
            Assert.All(record.Sequence, residue => Assert.InRange(residue, 'A', 'Z'));
            Assert.NotEmpty(Ingest.Formats.Fasta.Headers.FastaHeader.Parse(record.Header).Key);
        }
    }

    private static void Fuzz(byte[][] corpus, Action<byte[]> read)
    {
        int seed = Random.Shared.Next();
        var mutator = new Mutator(seed);
        Stopwatch total = Stopwatch.StartNew();
        long cases = 0;
        long refused = 0;
        for (; total.Elapsed < Duration; cases++)
        {
            byte[] bytes = mutator.Mutate(corpus[cases % corpus.Length]);
            Stopwatch one = Stopwatch.StartNew();
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                read(bytes);
            }
            catch (ClssIngestException)
            {
                refused++;
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}, case {cases}: {exception}\n{Convert.ToBase64String(bytes)}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(one.Elapsed < MaxPerCase, $"seed {seed}, case {cases}: took {one.Elapsed}\n{Convert.ToBase64String(bytes)}");
            Assert.True(allocated < MaxAllocatedPerCase, $"seed {seed}, case {cases}: allocated {allocated:N0} bytes\n{Convert.ToBase64String(bytes)}");
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {cases} cases, {refused} refused");
        Assert.InRange(refused, 1, cases);
    }

    private static byte[] Utf16(byte[] bytes) => [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Encoding.UTF8.GetString(bytes))];

    private static byte[] Gzip(byte[] bytes) => Compress(bytes, stream => new GZipStream(stream, CompressionLevel.Optimal));

    private static byte[] Zstd(byte[] bytes) => Compress(bytes, stream => new ZstdSharp.CompressionStream(stream));

    private static byte[] Bzip2(byte[] bytes) => Compress(bytes, stream => new BZip2OutputStream(stream));

    private static byte[] Compress(byte[] bytes, Func<Stream, Stream> open)
    {
        var output = new MemoryStream();
        using (Stream stream = open(output))
        {
            stream.Write(bytes);
        }

        return output.ToArray();
    }
}
