using Clss.Ingest.Sources;
using Clss.Testing;

namespace Clss.Ingest.Tests.Formats.Fasta;

/// <summary>Every file of the awkward collection, each with exactly what it must give.</summary>
public class AwkwardFileTests
{
    private const string SixKeys = "AAC71238.1 AAC71242.1 AAC71243.1 AAC71245.1 AAC71257.1 AAC71268.1";

    private static readonly int[] SixLengths = [145, 190, 151, 186, 88, 130];

    [Theory]
    [InlineData("blank_lines.fasta")]
    [InlineData("cr_only.fasta")]
    [InlineData("crlf.fasta")]
    [InlineData("gaps.fasta")]
    [InlineData("gz_name_but_plain.fasta.gz")]
    [InlineData("gzipped.fasta.gz")]
    [InlineData("leading_text.fasta")]
    [InlineData("lowercase.fasta")]
    [InlineData("mixed_case_masked.fasta")]
    [InlineData("no_trailing_newline.fasta")]
    [InlineData("single_line_long.fasta")]
    [InlineData("two_gzip_members.fasta.gz")]
    [InlineData("utf8_bom.fasta")]
    public void Read_SameSixProteinsInDisguise_GivesThem(string file)
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read(file);
        Assert.Empty(rejected);
        List<DomainRecord> expected = Read("single_line_long.fasta").Records;
        Assert.Equal(SixKeys.Split(' '), records.Select(record => record.Key));
        Assert.Equal(SixLengths, records.Select(record => record.Sequence.Residues.Length));
        Assert.Equal(expected.Select(record => record.Sequence), records.Select(record => record.Sequence));
    }

    [Theory]
    [InlineData("windows_eof.fasta")]
    [InlineData("utf16.fasta")]
    public void Read_FirstTwoProteinsInDisguise_GivesThem(string file)
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read(file);
        Assert.Empty(rejected);
        Assert.Equal(SixLengths[..2], records.Select(record => record.Sequence.Residues.Length));
        Assert.Equal(Read("single_line_long.fasta").Records.Take(2).Select(record => (record.Key, record.Sequence)), records.Select(record => (record.Key, record.Sequence)));
    }

    [Fact]
    public void Read_StopCodons_DropsTheLastAndReadsTheInnerAsX()
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, List<InputNote> notes) = Read("stop_codons.fasta");
        Assert.Empty(rejected);
        Assert.Equal([.. SixLengths, 146], records.Select(record => record.Sequence.Residues.Length));
        Assert.Equal('X', records[6].Sequence.Residues[30]);
        Assert.DoesNotContain(records, record => record.Sequence.Residues.Contains('*'));
        Assert.Contains(notes, note => note.Text == "'*' inside the sequence read as X in 1 record.");
    }

    [Theory]
    [InlineData("dna.fasta", "gene", 66)]
    [InlineData("latin1_header.fasta", "protéine", 145)]
    [InlineData("spaces_in_sequence.fasta", "spaced", 145)]
    [InlineData("titin_length_34350.fasta", "joined_34350_residues", 34350)]
    [InlineData("five_thousand_tiny.fasta", "p0", 6)]
    [InlineData("one_residue.fasta", "m", 1)]
    public void Read_PlainRecord_GivesIt(string file, string key, int length)
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read(file);
        Assert.Empty(rejected);
        Assert.Equal(file switch { "five_thousand_tiny.fasta" => 5000, "one_residue.fasta" => 2, _ => 1 }, records.Count);
        Assert.Equal((key, length), (records[0].Key, records[0].Sequence.Residues.Length));
    }

    [Fact]
    public void Read_Dna_IsNoted() =>
        Assert.Contains("look like nucleotides", Assert.Single(Read("dna.fasta").Notes).Text, StringComparison.Ordinal);

    [Fact]
    public void Read_LongHeader_KeepsIt()
    {
        DomainRecord record = Assert.Single(Read("long_header_10000.fasta").Records);
        Assert.Equal(10_000, record.Metadata.Single(pair => pair.Key == DomainSchema.Description).Value.AsText().Length);
    }

    [Fact]
    public void Read_UnicodeHeaders_KeepsThem()
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read("unicode_headers.fasta");
        Assert.Empty(rejected);
        Assert.Equal(["蛋白质_1", "идентификатор", "tab"], records.Select(record => record.Key));
        Assert.Equal([145, 190, 151], records.Select(record => record.Sequence.Residues.Length));
    }

    [Fact]
    public void Read_DuplicateIds_GivesAllOfThem()
    {
        // An id may come twice in queries; what is stored twice is the pipeline's concern.
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read("duplicate_ids.fasta");
        Assert.Empty(rejected);
        Assert.Equal(["AAC71238.1", "AAC71242.1", "AAC71238.1", "AAC71238.1"], records.Select(record => record.Key));
        Assert.Equal([145, 190, 151, 145], records.Select(record => record.Sequence.Residues.Length));
    }

    [Theory]
    [InlineData("empty_record.fasta", 4, "10 record_without_sequence|empty sequence", "last_record_without_sequence|empty sequence")]
    [InlineData("empty_header.fasta", 0, "1 |no identifier", "3 |no identifier")]
    [InlineData("header_only.fasta", 0, "1 just_a_header|empty sequence")]
    [InlineData("nul_bytes.fasta", 1, "1 gi|3844631|gb|A\uFFFDAC71238.1||bad header")]
    [InlineData("nonstandard_letters.fasta", 4, "digits|invalid character", "punctuation|invalid character")]
    public void Read_BadRecords_AreRejectedOneByOne(string file, int taken, params string[] expected)
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read(file);
        Assert.Equal(taken, records.Count);
        Assert.Equal(expected.Length, rejected.Count);
        Assert.All(expected.Zip(rejected), pair => Assert.EndsWith(pair.First, $"{pair.Second.Line} {pair.Second.Id}|{pair.Second.Reason}", StringComparison.Ordinal));
    }

    [Fact]
    public void Read_NonstandardLetters_KeepsLettersAndNamesTheOthers()
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read("nonstandard_letters.fasta");
        Assert.Equal("ACDEFGHIKLMNPQRSTVWYBJOUXZ", records[0].Sequence.Residues);
        Assert.Equal(["all_letters", "selenocysteine", "pyrrolysine", "all_x"], records.Select(record => record.Key));
        Assert.StartsWith("'1' at residue 1,", rejected[0].Detail, StringComparison.Ordinal);
        Assert.StartsWith("'?' at residue 4,", rejected[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_TruncatedGzip_KeepsTheCompleteRecordsAndReportsTheLast()
    {
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = Read("truncated.fasta.gz");
        List<DomainRecord> whole = ReadPath(Repository.SharedPath("data", "sequences", "Mycoplasma_genitalium.faa")).Records;
        RejectedRecord broken = Assert.Single(rejected);
        Assert.Equal(16, records.Count);
        Assert.Equal(whole.Take(16).Select(record => (record.Key, record.Sequence)), records.Select(record => (record.Key, record.Sequence)));
        Assert.Equal((RejectionReasons.BrokenFile, "gi|3844628|gb|AAC71235.1|"), (broken.Reason, broken.Id));
        Assert.Contains("the gzip data is damaged or cut off after 8,698 decompressed bytes", broken.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("empty.fasta", "the file is empty")]
    [InlineData("only_whitespace.fasta", "the file is empty")]
    [InlineData("no_header.fasta", "It looks like a bare sequence")]
    public void Read_NoRecordAtAll_IsAClearError(string file, string message)
    {
        string path = Repository.SharedPath("data", "sequences", "awkward", file);
        var exception = Assert.Throws<ClssIngestException>(() => ReadPath(path));
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WholeFolder_ReportsEveryFileThatGaveNothing()
    {
        string folder = Repository.SharedPath("data", "sequences", "awkward");
        (List<DomainRecord> records, List<RejectedRecord> rejected, _) = ReadPath(folder);
        Assert.Equal(34, SequenceInput.Open([folder]).Files.Count);
        Assert.Equal(
            ["empty.fasta", "no_header.fasta", "only_whitespace.fasta"],
            rejected.Where(row => row.Reason == RejectionReasons.UnreadableFile).Select(row => Path.GetFileName(row.Source)));
        Assert.True(records.Count > 5000);
    }

    private static (List<DomainRecord> Records, List<RejectedRecord> Rejected, List<InputNote> Notes) Read(string file) =>
        ReadPath(Repository.SharedPath("data", "sequences", "awkward", file));

    private static (List<DomainRecord> Records, List<RejectedRecord> Rejected, List<InputNote> Notes) ReadPath(string path)
    {
        List<IngestItem> items = [.. SequenceInput.Open([path]).Read()];
        return ([.. items.Select(item => item.Record).OfType<DomainRecord>()],
            [.. items.Select(item => item.Rejected).OfType<RejectedRecord>()],
            [.. items.Select(item => item.Note).OfType<InputNote>()]);
    }
}
