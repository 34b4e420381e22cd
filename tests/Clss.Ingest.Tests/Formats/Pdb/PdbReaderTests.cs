using System.Text;
using Clss.Ingest.Formats;
using Clss.Ingest.Formats.Pdb;
using Clss.Ingest.Structures;
using Clss.Ingest.Tests.Structures;

namespace Clss.Ingest.Tests.Formats.Pdb;

public class PdbReaderTests
{
    [Fact]
    public void Read_Header_GivesIdTitleAndOrganism()
    {
        Structure structure = PdbReader.Read(new PdbText()
            .Line("HEADER    PLANT PROTEIN                           30-APR-81   1CRN              ")
            .Line("TITLE     WATER STRUCTURE OF A HYDROPHOBIC PROTEIN AT ATOMIC RESOLUTION.        ")
            .Line("TITLE    2 PENTAGON RINGS                                                       ")
            .Line("SOURCE    MOL_ID: 1;                                                            ")
            .Line("SOURCE   2 ORGANISM_SCIENTIFIC: CRAMBE HISPANICA SUBSP. ABYSSINICA;             ")
            .Line("SOURCE   3 ORGANISM_TAXID: 3721;                                                ")
            .Residue("ALA", 1, 0).ToStream(), "pdb1crn.ent");
        Assert.Equal(("1crn", "1CRN", "CRAMBE HISPANICA SUBSP. ABYSSINICA", 3721), (structure.Name, structure.Id, structure.Organism, structure.TaxonomyId!.Value));
        Assert.Equal("WATER STRUCTURE OF A HYDROPHOBIC PROTEIN AT ATOMIC RESOLUTION. PENTAGON RINGS", structure.Title);
    }

    [Theory]
    [InlineData("ATOM      1  CA  ALA A   1       1.000   2.000   3.000", 1f, 0f)]
    [InlineData("ATOM      1  CA  ALA A   1       1.000   2.000   3.000  0.50", 0.5f, 0f)]
    [InlineData("ATOM      1  CA  ALA A   1       1.000   2.000   3.000  0.50 91.2", 0.5f, 91.2f)]
    [InlineData("ATOM      1  CA  ALA A   1       1.000   2.000   3.000      *****", 1f, 0f)]
    public void Read_ShortLine_TakesWhatIsThere(string line, float occupancy, float bFactor)
    {
        Atom atom = PdbReader.Read(new PdbText().Line(line).ToStream()).Models[0][0][0][0];
        Assert.Equal((1f, 2f, 3f, occupancy, bFactor, ""), (atom.X, atom.Y, atom.Z, atom.Occupancy, atom.BFactor, atom.Element));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Read_LineEnds_GiveTheSame(string lineEnd)
    {
        string text = new PdbText().Line("REMARK 1").Residue("ALA", 1, 0).Line("TER").Line("END").ToString().Replace("\n", lineEnd, StringComparison.Ordinal);
        Assert.Equal(3, StructureFile.Read(new MemoryStream(Encoding.ASCII.GetBytes(text)), "x.pdb").AtomCount);
    }

    [Fact]
    public void Read_BadCoordinateLines_ArePassedOverAndNoted()
    {
        PdbText text = new PdbText().Residue("ALA", 1, 0);
        for (int i = 0; i < 5; i++)
        {
            text.Line("ATOM      9  CB  ALA A   1       1.0x0   2.000   3.000");
        }

        Structure structure = PdbReader.Read(text.ToStream());
        Assert.Equal(3, structure.AtomCount);
        Assert.Equal("5 coordinate lines that cannot be read were passed over (line 4, 5, 6, ...).", Assert.Single(structure.Notes));
        Assert.Contains("none of its 1 ATOM and HETATM lines can be read (line 1)", Assert.Throws<StructureFormatException>(() => PdbReader.Read(new PdbText().Line("ATOM").ToStream())).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("9999", 9999)]
    [InlineData(" -12", -12)]
    [InlineData("A000", 10000)]
    [InlineData("ZZZZ", 1223055)]
    [InlineData("a000", 1223056)]
    [InlineData("zzzz", 2436111)]
    public void Hybrid36_Field_GivesNumber(string field, int expected)
    {
        Assert.True(Hybrid36.TryParse(Encoding.ASCII.GetBytes(field), out int value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("    ")]
    [InlineData("A0b0")]
    [InlineData(" A00")]
    [InlineData("1 2 ")]
    public void Hybrid36_Nonsense_IsRefused(string field) => Assert.False(Hybrid36.TryParse(Encoding.ASCII.GetBytes(field), out _));

    [Fact]
    public void Read_ModelsWithoutNumbersAndBareEnds_AreModels()
    {
        Assert.Equal([1, 2], PdbReader.Read(new PdbText().Line("MODEL").Residue("ALA", 1, 0).Line("ENDMDL").Line("MODEL").Residue("ALA", 1, 0).Line("ENDMDL").Line("END").ToStream()).Models.Select(model => model.ModelNumber));
        Assert.Equal([1, 2], PdbReader.Read(new PdbText().Residue("ALA", 1, 0).Line("END").Residue("ALA", 1, 0).Line("END").ToStream()).Models.Select(model => model.ModelNumber));
        Assert.Equal([0, 5], PdbReader.Read(new PdbText().Line("MODEL        0").Residue("ALA", 1, 0).Line("MODEL        5").Residue("ALA", 1, 0).ToStream()).Models.Select(model => model.ModelNumber));
    }

    [Fact]
    public void Read_ChainIdsOfTwoColumns_AreNotMixedUp()
    {
        string first = new PdbText().Residue("ALA", 1, 0).ToString().Replace("ALA A", "ALAXA", StringComparison.Ordinal);
        string second = new PdbText().Residue("GLY", 1, 0).ToString().Replace("GLY A", "GLYYA", StringComparison.Ordinal);
        Structure structure = PdbReader.Read(new MemoryStream(Encoding.ASCII.GetBytes(first + second)));
        Assert.Equal(["XA", "YA"], structure.Models[0].Chains.Select(chain => chain.AuthId));
    }

    [Theory]
    [InlineData("1.000", 1f)]
    [InlineData("-12.345", -12.345f)]
    [InlineData("+.5", 0.5f)]
    [InlineData("7", 7f)]
    [InlineData("1e3", 1000f)]
    [InlineData("123456789012345678.25", 123456789012345678.25f)]
    [InlineData("0.1(23)", 0.1f)]
    public void DecimalText_Number_EqualsTheRuntime(string text, float expected)
    {
        Assert.True(DecimalText.TryParse(Encoding.ASCII.GetBytes(text), out float value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1.2.3")]
    [InlineData("1x")]
    [InlineData("(1)")]
    public void DecimalText_Nonsense_IsRefused(string text) => Assert.False(DecimalText.TryParse(Encoding.ASCII.GetBytes(text), out float _));

    [Fact]
    public void DecimalText_AllCoordinatesOfAnAngstrom_EqualTheRuntime()
    {
        for (int thousandth = -20_000; thousandth <= 20_000; thousandth++)
        {
            string text = (thousandth / 1000m).ToString("F3", System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(DecimalText.TryParse(Encoding.ASCII.GetBytes(text), out float value));
            Assert.Equal((float)double.Parse(text, System.Globalization.CultureInfo.InvariantCulture), value);
        }
    }
}
