using System.Text;
using Clss.Ingest.Formats.Fasta;

namespace Clss.Ingest.Tests.Formats.Fasta;

public class FastaReaderTests
{
    [Theory]
    [InlineData(">a one\nMKV\nLT\n>b\nAC\n")]
    [InlineData(">a one\r\nMKV\r\nLT\r\n>b\r\nAC\r\n")]
    [InlineData(">a one\rMKV\rLT\r>b\rAC\r")]
    [InlineData(">a one\nMKV\r\nLT\r>b\nAC")]
    [InlineData("\n\n>a one\n\nMKV\n\n  \nLT\n\n\n>b\nAC\n\n")]
    [InlineData("\uFEFF>a one\nMKVLT\n>b\nAC")]
    [InlineData("; comment\n>a one\n; another\nMKV LT\n>b\nA\tC")]
    [InlineData(">a one\nmkvlt\n>b\nac\n")]
    [InlineData(">a one\nM--K.VLT*\n>b\nAC**\n")]
    [InlineData("> a one  \nMKVLT\n>\tb\nAC")]
    [InlineData(">a one\nMKVLT\n>b\nAC\n\u001A")]
    public void Read_TwoRecordsInAnyStyle_AreTheSame(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        foreach (int chunk in (int[])[1, 2, 3, 4, 5, 6, 7, int.MaxValue])
        {
            List<FastaRecord> records = [.. FastaReader.Read(new TrickleStream(bytes, chunk), source: "x.fa")];
            Assert.Equal(["a|one|MKVLT", "b||AC"], records.Select(record => $"{record.Id}|{record.Description}|{record.Sequence}"));
            Assert.All(records, record => Assert.Equal("x.fa", record.Source));
        }
    }

    [Theory]
    [InlineData(">a\nMK\nV\n\n>b\nAC\n>c\nG", "1 5 7")]
    [InlineData(">a\r\nMK\r\nV\r\n\r\n>b\r\nAC\r\n>c\r\nG", "1 5 7")]
    [InlineData(">a\rMK\rV\r\r>b\rAC\r>c\rG", "1 5 7")]
    [InlineData("text\n\n>a\nM\n>b\nA\n>c\nG", "3 5 7")]
    public void Read_AnyLineEnd_CountsLines(string text, string lines)
    {
        foreach (int chunk in (int[])[1, 2, 5, 1000])
        {
            IEnumerable<FastaRecord> records = FastaReader.Read(new TrickleStream(Encoding.ASCII.GetBytes(text), chunk));
            Assert.Equal(lines, string.Join(' ', records.Select(record => record.Line)));
        }
    }

    [Theory]
    [InlineData(">a\nMKAC1\n", RejectionReasons.InvalidCharacter, "'1' at residue 5, line 4")]
    [InlineData(">a\nMK\nA?C!\n", RejectionReasons.InvalidCharacter, "'?' at residue 4, line 5, and 1 more")]
    [InlineData(">a\nMK\0A\n", RejectionReasons.InvalidCharacter, "byte 0x00 at residue 3, line 4")]
    [InlineData(">a\nMK\u001AA\n", RejectionReasons.InvalidCharacter, "byte 0x1A at residue 3, line 4")]
    [InlineData(">a\nMK>A\n", RejectionReasons.InvalidCharacter, "'>' at residue 3, line 4")]
    [InlineData(">a\nMKé\n", RejectionReasons.InvalidCharacter, "byte 0xC3 at residue 3, line 4")]
    [InlineData(">a\n", RejectionReasons.EmptySequence, "no residues follow the header")]
    [InlineData(">a\n--..\n", RejectionReasons.EmptySequence, "only gap or stop signs follow the header")]
    [InlineData(">a\n*\n", RejectionReasons.EmptySequence, "only gap or stop signs follow the header")]
    [InlineData(">\nMK\n", RejectionReasons.NoIdentifier, "the header is only '>': a name must follow it")]
    [InlineData(">  \nMK\n", RejectionReasons.NoIdentifier, "the header is only '>': a name must follow it")]
    [InlineData(">a\0b\nMK\n", RejectionReasons.BadHeader, "the header holds a NUL byte")]
    [InlineData(">a\nMKVLTMKVLTM\n", RejectionReasons.TooLong, "11 residues; at most 10 are taken")]
    public void Read_BadRecord_IsReportedAndTheOthersAreRead(string bad, string reason, string detail)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($">first\nMK\n{bad}>last\nAC\n");
        var report = new FastaReport();
        IEnumerable<FastaRecord> records = FastaReader.Read(new TrickleStream(bytes, 3), new FastaOptions { MaxResidues = 10 }, report, "x.fa");
        Assert.Equal(["first", "last"], records.Select(record => record.Id));
        RejectedRecord rejected = Assert.Single(report.Rejected);
        Assert.Equal(("x.fa", 3, reason), (rejected.Source, rejected.Line, rejected.Reason));
        Assert.StartsWith(detail, rejected.Detail, StringComparison.Ordinal);

        var exception = Assert.Throws<ClssIngestException>(() => FastaReader.Read(new MemoryStream(bytes), new FastaOptions { MaxResidues = 10 }, source: "x.fa").Count());
        Assert.StartsWith("x.fa(3): ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InternalStop_BecomesX()
    {
        var report = new FastaReport();
        FastaRecord record = Assert.Single(FastaReader.Read(new MemoryStream(">a\nMK*VL*\n*\n"u8.ToArray()), report: report));
        Assert.Equal("MKXVL", record.Sequence);
        Assert.Equal(1, report.RecordsWithInternalStops);
    }

    [Fact]
    public void Read_ReferencePolicy_KeepsTheTextButBlanks()
    {
        var options = new FastaOptions { Policy = ResiduePolicy.Reference };
        FastaRecord record = Assert.Single(FastaReader.Read(new MemoryStream(">a\nMk-v. L*1?\nJ\n"u8.ToArray()), options));
        Assert.Equal("Mk-v.L*1?J", record.Sequence);
    }

    [Fact]
    public void Read_NotesWhatItChanged()
    {
        var report = new FastaReport();
        Assert.Equal(3, FastaReader.Read(new MemoryStream("head\n>a\nmk\n>b\nM-K\n>c\nMK*\n"u8.ToArray()), report: report).Count());
        Assert.Equal((1, 1, 1, 0, 3), (report.LeadingLines, report.RecordsWithLowerCase, report.RecordsWithGaps, report.RecordsWithInternalStops, report.Records));
        Assert.False(report.LooksLikeNucleotides);
    }

    [Fact]
    public void Read_HeaderInLatin1_IsDecoded()
    {
        FastaRecord record = Assert.Single(FastaReader.Read(new MemoryStream([.. ">prot"u8, 0xE9, .. "ine naïve\nMK"u8])));
        Assert.StartsWith("protéine", record.Header, StringComparison.Ordinal);
        record = Assert.Single(FastaReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(">β-lactamase\t蛋白\nMK"))));
        Assert.Equal(("β-lactamase", "蛋白"), (record.Id, record.Description));
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("\n \t\n", "the file is empty")]
    [InlineData("MKVLT\nACDEF\n", "looks like a bare sequence")]
    [InlineData("hello, world\nMK\n", "begins with 'hello, world'")]
    public void Read_NoHeader_SaysWhatItFound(string text, string expected)
    {
        var exception = Assert.Throws<ClssIngestException>(() => FastaReader.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), source: "x.fa").Count());
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("x.fa", exception.Message, StringComparison.Ordinal);
        var report = new FastaReport();
        Assert.Empty(FastaReader.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), report: report, source: "x.fa"));
        Assert.Equal(exception.Message, report.Failure);
        Assert.Equal(RejectionReasons.UnreadableFile, Assert.Single(report.Rejected).Reason);
    }

    [Fact]
    public void Read_EndlessTextWithoutHeader_StopsEarly()
    {
        var stream = new MemoryStream(Enumerable.Repeat((byte)'A', 10_000_000).ToArray());
        Assert.Throws<ClssIngestException>(() => FastaReader.Read(stream).Count());
        Assert.True(stream.Position < 1_000_000, $"{stream.Position} bytes were read.");
    }

    [Fact]
    public void Read_StreamBreaks_KeepsWhatIsCompleteAndReportsTheRecordUnderWay()
    {
        byte[] bytes = ">a\nMK\n>b\nAC\n>c and more\nGGGGGGGG\n"u8.ToArray();
        var report = new FastaReport();
        IEnumerable<FastaRecord> records = FastaReader.Read(new TrickleStream(bytes, 4, breakAt: 28), report: report, source: "x.fa");
        Assert.Equal(["a", "b"], records.Select(record => record.Id));
        RejectedRecord rejected = Assert.Single(report.Rejected);
        Assert.Equal(("x.fa", 5, "c", RejectionReasons.BrokenFile), (rejected.Source, rejected.Line, rejected.Id, rejected.Reason));
        Assert.Contains("the cable was pulled", rejected.Detail, StringComparison.Ordinal);
        Assert.Throws<ClssIngestException>(() => FastaReader.Read(new TrickleStream(bytes, 4, breakAt: 28)).Count());
    }

    [Fact]
    public void Read_RecordFarBeyondTheLimit_CostsNoMemory()
    {
        byte[] line = [.. Enumerable.Repeat((byte)'A', 1 << 20)];
        byte[] bytes = [.. ">huge\n"u8, .. Enumerable.Repeat(line, 64).SelectMany(part => part), .. "\n>next\nMK\n"u8];
        var report = new FastaReport();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("next", Assert.Single(FastaReader.Read(new MemoryStream(bytes), new FastaOptions { MaxResidues = 1000 }, report)).Id);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(RejectionReasons.TooLong, Assert.Single(report.Rejected).Reason);
        Assert.InRange(allocated, 0, 4_000_000);
    }

    [Fact]
    public void Read_RandomRecordsInRandomStyles_ComeBackIdentical()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            List<(string Header, string Sequence)> expected = [];
            var text = new StringBuilder();
            string[] ends = ["\n", "\r\n", "\r"];
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                string header = $"id{i} {new string('d', random.Next(30))}".Trim();
                string sequence = string.Concat(Enumerable.Range(0, random.Next(1, 400)).Select(_ => "ACDEFGHIKLMNPQRSTVWYXBZUOJ"[random.Next(26)]));
                expected.Add((header, sequence));
                AppendRecord(text, header, sequence, ends[random.Next(3)], random);
            }

            byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
            IEnumerable<FastaRecord> records = FastaReader.Read(new TrickleStream(bytes, random.Next(1, 50)));
            Assert.Equal(expected, records.Select(record => (record.Header, record.Sequence)));
        }
    }

    private static void AppendRecord(StringBuilder text, string header, string sequence, string end, Random random)
    {
        text.Append('>').Append(header).Append(end);
        int width = random.Next(1, 90);
        bool lower = random.Next(4) == 0;
        for (int at = 0; at < sequence.Length; at += width)
        {
            string line = sequence[at..Math.Min(sequence.Length, at + width)];
            text.Append(lower ? line.ToLowerInvariant() : line);
            text.Append(random.Next(6) switch { 0 => " ", 1 => "-", 2 => end + end, _ => "" });
            text.Append(end);
        }

        text.Append(random.Next(3) switch { 0 => "*" + end, 1 => "; comment" + end, _ => "" });
    }
}
