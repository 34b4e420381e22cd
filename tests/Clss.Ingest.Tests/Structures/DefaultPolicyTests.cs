using Clss.Ingest.Structures;

namespace Clss.Ingest.Tests.Structures;

public class DefaultPolicyTests
{
    [Fact]
    public void Extract_Selenomethionine_IsMWithItsCoordinatesAndSeleniumAsSD()
    {
        ChainBackbone chain = One(new PdbText().Residue("ALA", 1, 0).Residue("MSE", 2, 1, hetero: true).Atom("SE", "MSE", 2, 9, hetero: true).Residue("GLY", 3, 2));
        Assert.Equal("AMG", chain.Sequence);
        Assert.Equal([3, 4, 3], chain.AtomCounts);
        float[] atoms = new float[3 * 111];
        chain.CopyAtom37(atoms);
        Assert.Equal(9, atoms[111 + (18 * 3)]);
        Residue residue = chain.Structure.Models[0][0][1];
        Assert.Equal(("MSE", "MET", 'M'), (residue.Name, residue.Parent, residue.Letter));
    }

    [Fact]
    public void Extract_FreeAminoAcidLigandAndWater_AreNotPartOfTheChain()
    {
        ChainBackbone chain = One(new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).Residue("GLU", 300, 40, hetero: true).Atom("O", "HOH", 301, 500, hetero: true));
        Assert.Equal("AG", chain.Sequence);
    }

    [Fact]
    public void Extract_ModifiedResidueBetweenGaps_IsKeptWhenTheFileListsIt()
    {
        PdbText text = new PdbText().Residue("ALA", 1, 0).Residue("XYZ", 9, 10, hetero: true).Residue("GLY", 20, 20);
        Assert.Equal("AG", One(text).Sequence);
        ChainBackbone listed = One(new PdbText().Line("MODRES 1ABC XYZ A    9  LYS  SOMETHING").Line(text.ToString().TrimEnd()));
        Assert.Equal("AKG", listed.Sequence);
        Assert.Equal([1, 2], listed.Gaps);
    }

    [Theory]
    [InlineData("HIE", 'H')]
    [InlineData("HSD", 'H')]
    [InlineData("CYX", 'C')]
    [InlineData("ASH", 'D')]
    [InlineData("SEP", 'S')]
    [InlineData("SEC", 'U')]
    [InlineData("UNK", 'X')]
    [InlineData("ala", 'A')]
    public void Extract_ResidueName_GivesLetter(string name, char letter) =>
        Assert.Equal($"G{letter}G", One(new PdbText().Residue("GLY", 1, 0).Residue(name, 2, 1).Residue("GLY", 3, 2)).Sequence);

    [Fact]
    public void Extract_HomoserineAndCharmmHistidine_AreToldApartByTheRing()
    {
        Assert.Equal("GSG", One(new PdbText().Residue("GLY", 1, 0).Residue("HSE", 2, 1).Residue("GLY", 3, 2)).Sequence);
        Assert.Equal("GHG", One(new PdbText().Residue("GLY", 1, 0).Residue("HSE", 2, 1).Atom("ND1", "HSE", 2, 7).Residue("GLY", 3, 2)).Sequence);
    }

    [Fact]
    public void Extract_Conformers_TakesTheBetterOccupiedAndFillsUpFromTheOther()
    {
        ChainBackbone chain = One(new PdbText()
            .Atom("N", "SER", 1, 0).Atom("CA", "SER", 1, 1.4f).Atom("C", "SER", 1, 2.5f)
            .Atom("CB", "SER", 1, 10, altLoc: 'A', occupancy: 0.3f).Atom("CB", "SER", 1, 20, altLoc: 'B', occupancy: 0.7f).Atom("OG", "SER", 1, 30, altLoc: 'A', occupancy: 0.3f)
            .Residue("GLY", 2, 1));
        float[] atoms = new float[2 * 111];
        chain.CopyAtom37(atoms);
        Assert.Equal(20, atoms[3 * 3]);
        Assert.Equal(30, atoms[8 * 3]);
    }

    [Fact]
    public void Extract_EquallyOccupiedConformers_TakesTheFirst()
    {
        ChainBackbone chain = One(new PdbText().Residue("SER", 1, 0, altLoc: 'B', occupancy: 0.5f).Residue("SER", 1, 5, altLoc: 'A', occupancy: 0.5f).Residue("GLY", 2, 1));
        Assert.Equal(0, chain.Backbone.Coordinates.Span[0]);
        Assert.Equal("SG", chain.Sequence);
    }

    [Fact]
    public void Extract_TwoKindsAtOnePosition_TakesTheBetterOccupied()
    {
        PdbText interleaved = new PdbText();
        foreach ((string atom, float x) in new[] { ("N", 0f), ("CA", 1.4f), ("C", 2.5f) })
        {
            interleaved.Atom(atom, "PRO", 22, x, altLoc: 'A', occupancy: 0.4f).Atom(atom, "SER", 22, x, altLoc: 'B', occupancy: 0.6f);
        }

        interleaved.Residue("GLY", 23, 1);
        Assert.Equal("SG", One(interleaved).Sequence);
        Assert.Equal([3, 3, 3], One(interleaved).Structure.Models[0][0].Residues.Select(residue => residue.AtomCount));

        // The original sees every change of name as a new residue.
        Assert.Equal("PSPSPSG", Assert.Single(BackboneExtractor.Extract(StructureFile.Read(interleaved.ToStream(), "x.pdb"), policy: StructurePolicy.Reference).Chains).Sequence);
    }

    [Fact]
    public void Extract_EqualNumbersWithoutLetters_AreDifferentResidues() =>
        Assert.Equal("AGS", One(new PdbText().Residue("ALA", 1, 0).Residue("GLY", 1, 1).Residue("SER", 1, 2)).Sequence);

    [Fact]
    public void Extract_NotANumberAndHugeCoordinates_AreAbsentAtoms()
    {
        string text = new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).ToString().Replace("   5.200", "     nan", StringComparison.Ordinal).Replace("   0.000   0.250", " 9999999   0.250", StringComparison.Ordinal);
        Structure structure = StructureFile.Read(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)), "x.pdb");
        BackboneExtraction extraction = BackboneExtractor.Extract(structure);
        RejectedRecord rejected = Assert.Single(extraction.Rejected);
        Assert.Equal(StructureRejectionReasons.NoBackbone, rejected.Reason);
        Assert.Equal("x", rejected.Id);
    }

    [Fact]
    public void Extract_SeveralChains_EachIsOneResultAndOthersAreRejected()
    {
        BackboneExtraction extraction = BackboneExtractor.Extract(StructureFile.Read(
            new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).Residue("SER", 1, 30, chain: 'a').Residue("SER", 2, 31, chain: 'a').Residue(" DA", 1, 60, chain: 'N').Atom("O", "HOH", 1, 90, chain: 'W', hetero: true).ToStream(), "two.pdb"));
        Assert.Equal(["two_A", "two_a"], extraction.Chains.Select(chain => chain.Key));
        Assert.Equal(["AG", "SS"], extraction.Chains.Select(chain => chain.Sequence));
        Assert.Equal(["two_N", "two_W"], extraction.Rejected.Select(rejected => rejected.Id));
        Assert.All(extraction.Rejected, rejected => Assert.Equal(StructureRejectionReasons.NoProtein, rejected.Reason));
        Assert.Contains("DNA or RNA", extraction.Rejected[0].Detail, StringComparison.Ordinal);
        Assert.Contains("water", extraction.Rejected[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Extract_ChainsWithoutIdPartedByTer_AreSeveralChains()
    {
        PdbText text = new PdbText().Residue("ALA", 1, 0, chain: ' ').Residue("GLY", 2, 1, chain: ' ').Line("TER").Residue("SER", 1, 30, chain: ' ').Residue("VAL", 2, 31, chain: ' ');
        BackboneExtraction extraction = BackboneExtractor.Extract(StructureFile.Read(text.ToStream(), "model.pdb"));
        Assert.Equal([("model_1", "AG"), ("model_2", "SV")], extraction.Chains.Select(chain => (chain.Key, chain.Sequence)));
    }

    [Fact]
    public void Extract_HundredThousandChains_TakesTimeInProportion()
    {
        var text = new PdbText();
        for (int i = 0; i < 100_000; i++)
        {
            text.Line("ATOM      1  CA  ALA     1       1.000   2.000   3.000").Line("TER");
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        BackboneExtraction extraction = BackboneExtractor.Extract(StructureFile.Read(text.ToStream(), "x.pdb"));
        Assert.Equal((100_000, "x_1", "x_100000"), (extraction.Rejected.Count, extraction.Rejected[0].Id, extraction.Rejected[^1].Id));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void Gaps_MissingResidues_AreWhereTheBondIs()
    {
        ChainBackbone chain = One(new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).Residue("SER", 7, 6).Residue("SER", 8, 7));
        Assert.Equal([2], chain.Gaps);
        Assert.Equal([1, 2, 7, 8], chain.ResidueNumbers.Select(number => number.Number));
        Assert.Equal((1 + 2 + 7 + 8) / 4f, chain.MeanBFactor);
    }

    private static ChainBackbone One(PdbText text) => Assert.Single(BackboneExtractor.Extract(StructureFile.Read(text.ToStream(), "x.pdb")).Chains);
}
