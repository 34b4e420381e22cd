using Clss.Ingest.Structures;

namespace Clss.Ingest.Tests.Structures;

public class SelectionTests
{
    [Theory]
    [InlineData("A:4-182,A:200-220", "A:4-182,A:200-220")]
    [InlineData("A:1-75,100-115", "A:1-75,A:100-115")]
    [InlineData("P:6P-26P,B:1-120", "P:6P-26P,B:1-120")]
    [InlineData("B:-3-715", "B:-3-715")]
    [InlineData("SM:-9--163", "SM:-9--163")]
    [InlineData("SM:9-163L", "SM:9-163L")]
    [InlineData("A:46P-183", "A:46P-183")]
    [InlineData("A:", "A:")]
    [InlineData("67-265", "67-265")]
    [InlineData("1-87_146-243", "1-87,146-243")]
    [InlineData("60(A)-75", "60A-75")]
    [InlineData("5", "5-5")]
    public void ParseRanges_Notation_IsUnderstood(string text, string expected) => Assert.Equal(expected, string.Join(',', RangeGrammar.ParseRanges(text)));

    [Theory]
    [InlineData("")]
    [InlineData("A:4-")]
    [InlineData("A:--3-4")]
    [InlineData("A:x-y")]
    [InlineData(":4-5")]
    [InlineData("1-2,,3-4")]
    [InlineData("A:99999999999-3")]
    public void ParseRanges_Nonsense_IsAnErrorThatShowsIt(string text) =>
        Assert.Contains($"'{text}' is no residue range", Assert.Throws<ClssIngestException>(() => RangeGrammar.ParseRanges(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void ParseDomains_Ted_PartsDomainsByComma()
    {
        Assert.Equal(["30-136", "138-180,384-421"], RangeGrammar.ParseDomains("30-136,138-180_384-421").Select(domain => string.Join(',', domain)));
        Assert.Empty(RangeGrammar.ParseDomains("na"));
    }

    [Theory]
    [InlineData("A", null, "A:", ChainNaming.Author)]
    [InlineData("A/20-120", null, "A:20-120", ChainNaming.Author)]
    [InlineData("A/1-87_146-243", null, "A:1-87,A:146-243", ChainNaming.Author)]
    [InlineData("/20-120", null, "20-120", ChainNaming.Author)]
    [InlineData("A@2/20-120", 2, "A:20-120", ChainNaming.Author)]
    [InlineData("@2", 2, "", ChainNaming.Author)]
    [InlineData("label=B/20-120", null, "B:20-120", ChainNaming.Label)]
    [InlineData("A:4-182,A:200-220", null, "A:4-182,A:200-220", ChainNaming.Author)]
    public void Parse_CommandLine_IsUnderstood(string text, int? model, string ranges, ChainNaming naming)
    {
        var selection = StructureSelection.Parse(text);
        Assert.Equal((model, ranges, naming), (selection.ModelNumber, selection.ToString(), selection.Naming));
    }

    [Fact]
    public void Extract_InsertionCodes_RunByPositionNotByNumber()
    {
        // A propeptide numbered 1P to 3P before the protein that begins again with 1.
        PdbText text = new PdbText();
        for (int i = 0; i < 3; i++)
        {
            text.Residue("ALA", i + 1, i, insertionCode: 'P');
        }

        for (int i = 0; i < 4; i++)
        {
            text.Residue("GLY", i + 1, i + 3);
        }

        Assert.Equal("AA", Select(text, "A:2P-3P").Sequence);
        Assert.Equal("AAGG", Select(text, "A:2P-2").Sequence);
        Assert.Equal("GG", Select(text, "A:2-3").Sequence);
        Assert.Equal("AGG", Select(text, "A:1P-1P,A:3-4").Sequence);
    }

    [Fact]
    public void Extract_EndsInGaps_TakeWhatIsInside()
    {
        PdbText text = new PdbText().Residue("ALA", -2, 0).Residue("GLY", 5, 7).Residue("SER", 6, 8).Residue("VAL", 20, 22);
        Assert.Equal("AGS", Select(text, "A:-5-12").Sequence);
        Assert.Equal("GS", Select(text, "A:1-12").Sequence);
        ChainBackbone whole = Select(text, "A:");
        Assert.Equal(("x", "", "AGSV"), (whole.Key, whole.Range, whole.Sequence));
        Assert.Equal(("x/1-12", "A:1-12"), (Select(text, "A:1-12").Key, Select(text, "A:1-12").Range));

        RejectedRecord rejected = Assert.Single(Extract(text, StructureSelection.OfDomain("A:8-15")).Rejected);
        Assert.Equal((StructureRejectionReasons.EmptyRange, "x/8-15"), (rejected.Reason, rejected.Id));
        Assert.Contains("from -2 to 20", rejected.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Extract_PositionNumbering_CountsResidues() => Assert.Equal(
        "GS",
        Assert.Single(Extract(new PdbText().Residue("ALA", -2, 0).Residue("GLY", 5, 7).Residue("SER", 6, 8), StructureSelection.OfDomain("2-3", "A", ResidueNumbering.Position)).Chains).Sequence);

    [Fact]
    public void Extract_RangeWithoutChainAmongSeveral_IsRejectedNotGuessed()
    {
        PdbText text = new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).Residue("SER", 1, 30, chain: 'B').Residue("SER", 2, 31, chain: 'B');
        RejectedRecord ambiguous = Assert.Single(Extract(text, StructureSelection.OfDomain("1-2")).Rejected);
        Assert.Equal(StructureRejectionReasons.AmbiguousChain, ambiguous.Reason);
        RejectedRecord missing = Assert.Single(Extract(text, StructureSelection.Parse("b/1-2")).Rejected);
        Assert.Equal(StructureRejectionReasons.NoSuchChain, missing.Reason);
        Assert.Contains("A, B", missing.Detail, StringComparison.Ordinal);
        Assert.Equal(StructureRejectionReasons.NoSuchModel, Assert.Single(Extract(text, StructureSelection.Parse("A@7")).Rejected).Reason);
    }

    [Fact]
    public void Extract_DomainAcrossChains_IsJoinedInTheGivenOrder()
    {
        PdbText text = new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).Residue("SER", 1, 30, chain: 'B').Residue("VAL", 2, 31, chain: 'B');
        ChainBackbone domain = Select(text, "B:2-2,A:1-2");
        Assert.Equal(("VAG", "B+A", "B:2-2,A:1-2"), (domain.Sequence, domain.AuthId, domain.Range));
        Assert.Equal([1], domain.Gaps);
        Assert.Equal("e1xyzA1", Assert.Single(Extract(text, StructureSelection.OfDomain("A:1-2") with { Key = "e1xyzA1" }).Chains).Key);
    }

    [Fact]
    public void Extract_ReferencePolicyWithSelection_TakesTheSelectedChains()
    {
        PdbText text = new PdbText().Residue("ALA", 1, 0).Residue("HIE", 2, 1).Residue("SER", 1, 30, chain: 'B').Residue("MSE", 2, 31, chain: 'B', hetero: true).Residue("VAL", 3, 32, chain: 'B');
        Structure structure = StructureFile.Read(text.ToStream(), "x.pdb");
        Assert.Equal("A", Assert.Single(BackboneExtractor.Extract(structure, policy: StructurePolicy.Reference).Chains).Sequence);
        Assert.Equal("SV", Assert.Single(BackboneExtractor.Extract(structure, StructureSelection.Parse("B"), StructurePolicy.Reference).Chains).Sequence);
        Assert.Equal("VA", Assert.Single(BackboneExtractor.Extract(structure, StructureSelection.OfDomain("B:3-3,A:1-9"), StructurePolicy.Reference).Chains).Sequence);
        Assert.Equal(StructureRejectionReasons.NoSuchChain, Assert.Single(BackboneExtractor.Extract(structure, StructureSelection.Parse("Q"), StructurePolicy.Reference).Rejected).Reason);
    }

    [Theory]
    [InlineData("46P", 46, 'P')]
    [InlineData("-3", -3, ' ')]
    public void ResidueNumber_Text_RoundTrips(string text, int number, char insertionCode)
    {
        Assert.True(ResidueNumber.TryParse(text, out ResidueNumber parsed));
        Assert.Equal(new ResidueNumber(number, insertionCode), parsed);
        Assert.Equal(text, parsed.ToString());
    }

    private static ChainBackbone Select(PdbText text, string ranges) => Assert.Single(Extract(text, StructureSelection.OfDomain(ranges)).Chains);

    private static BackboneExtraction Extract(PdbText text, StructureSelection selection) => BackboneExtractor.Extract(StructureFile.Read(text.ToStream(), "x.pdb"), selection);
}
