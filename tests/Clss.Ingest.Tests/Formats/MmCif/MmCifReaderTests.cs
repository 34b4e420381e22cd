using System.Text;
using Clss.Ingest.Formats.MmCif;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Tests.Formats.MmCif;

public class MmCifReaderTests
{
    private const string Columns = "loop_\n_atom_site.group_PDB\n_atom_site.label_atom_id\n_atom_site.label_comp_id\n_atom_site.label_asym_id\n_atom_site.auth_asym_id\n_atom_site.label_seq_id\n_atom_site.auth_seq_id\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\n";

    [Fact]
    public void Read_QuotesTextFieldsAndComments_AreTokens()
    {
        Structure structure = Read(
            "# a comment\r\ndata_X\r\n_entry.id 1ABC # another\r\n_struct.title\r\n;Two lines of\r\n a title; with ; signs\r\n;\r\n_exptl.method 'THEORETICAL MODEL'\r\n"
            + Columns.Replace("\n", "\r\n", StringComparison.Ordinal) + "ATOM \"C5'\" ALA A Z 1 17 1.5 -2.25 3e1\r\nATOM 'A'\"' ALA A Z 1 17 ? . 0.1(2)\r\n");
        Assert.Equal(("1ABC", "Two lines of a title; with ; signs", true), (structure.Id, structure.Title, structure.IsPredicted));
        Residue residue = structure.Models[0][0][0];
        Assert.Equal(["C5'", "A'\""], residue.Atoms.Select(atom => atom.Name.ToString()));
        Assert.Equal((1.5f, -2.25f, 30f), (residue[0].X, residue[0].Y, residue[0].Z));
        Assert.True(float.IsNaN(residue[1].X) && float.IsNaN(residue[1].Y));
        Assert.Equal(0.1f, residue[1].Z);
        Assert.Equal((new ResidueNumber(17), 1, "A"), (residue.Number, residue.LabelNumber!.Value, residue.LabelId));
        Assert.Equal("Z", structure.Models[0][0].AuthId);
    }

    [Fact]
    public void Read_EntitiesAndModifiedResidues_TellChainTypesAndParents()
    {
        Structure structure = Read(
            "data_X\nloop_\n_entity.id\n_entity.type\n1 polymer\n2 non-polymer\n3 polymer\n_entity_poly.entity_id 1\n_entity_poly.type 'polypeptide(L)'\n"
            + "loop_\n_struct_asym.id\n_struct_asym.entity_id\nA 1\nB 2\nC 3\n_pdbx_struct_mod_residue.label_comp_id QQQ\n_pdbx_struct_mod_residue.parent_comp_id TRP\n"
            + Columns + Rows("HETATM", "QQQ", "A", "A", "1", 0) + Rows("ATOM", "GLY", "A", "A", "2", 3.8f) + Rows("HETATM", "GLU", "B", "A", ".", 90));
        Chain chain = structure.Models[0][0];
        Assert.Equal((EntityType.Protein, 3, "A"), (chain.EntityType, chain.ResidueCount, chain.LabelId));
        Assert.Equal("TRP", chain[0].Parent);
        Assert.Equal("WG", Assert.Single(BackboneExtractor.Extract(structure).Chains).Sequence);
    }

    [Fact]
    public void Extract_LabelChainAndNumbers_AreNotTheAuthors()
    {
        Structure structure = Read("data_X\n" + Columns + Rows("ATOM", "ALA", "A", "Q", "1", 0, "101") + Rows("ATOM", "GLY", "A", "Q", "2", 3.8f, "102") + Rows("ATOM", "SER", "B", "A", "1", 50, "7") + Rows("ATOM", "VAL", "B", "A", "2", 53.8f, "8"));
        Assert.Equal("SV", Select(structure, "A").Sequence);
        Assert.Equal("AG", Select(structure, "label=A").Sequence);
        Assert.Equal("G", Select(structure, "label=A/2-2").Sequence);
        Assert.Equal("G", Select(structure, "Q/102-200").Sequence);
        ChainBackbone ecod = Assert.Single(BackboneExtractor.Extract(structure, StructureSelection.OfDomain("Q:2-2", numbering: ResidueNumbering.Label)).Chains);
        Assert.Equal(("G", 2), (ecod.Sequence, ecod.LabelNumbers[0]!.Value));
    }

    [Fact]
    public void Read_ModelsInterleaved_AreSorted()
    {
        Structure structure = Read("data_X\n" + Columns.Replace("_atom_site.group_PDB\n", "_atom_site.pdbx_PDB_model_num\n", StringComparison.Ordinal)
            + Rows("1", "ALA", "A", "A", "1", 0) + Rows("2", "ALA", "A", "A", "1", 10) + Rows("1", "GLY", "A", "A", "2", 3.8f) + Rows("2", "GLY", "A", "A", "2", 13.8f));
        Assert.Equal([(1, 2), (2, 2)], structure.Models.Select(model => (model.ModelNumber, model[0].ResidueCount)));
        Assert.Equal(13.8f, structure.Models[1][0][1][0].X, 1e-5f);
        Assert.Equal("x@2", Assert.Single(BackboneExtractor.Extract(structure, StructureSelection.Parse("@2")).Chains).Key);
    }

    [Fact]
    public void Read_SeveralBlocks_ReadsTheFirstWithAtomsAndSaysSo()
    {
        Structure structure = Read("data_A\n_entry.id first\ndata_B\n_entry.id second\n" + Columns + Rows("ATOM", "ALA", "A", "A", "1", 0) + "data_C\n" + Columns + Rows("ATOM", "GLY", "A", "A", "1", 0) + "'unfinished");
        Assert.Equal(("second", 3), (structure.Id, structure.AtomCount));
        Assert.Contains("data block", Assert.Single(structure.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OneAtomWrittenAsPairs_IsRead()
    {
        Structure structure = Read("data_A\n_atom_site.Cartn_x 1\n_atom_site.Cartn_y 2\n_atom_site.Cartn_z 3\n_atom_site.auth_atom_id CA\n_atom_site.auth_comp_id GLY\n_cell.length_a 3\n");
        Assert.Equal((1, "GLY", "CA", 0, ""), (structure.AtomCount, structure.Models[0][0][0].Name, structure.Models[0][0][0][0].Name.ToString(), structure.Models[0][0][0].Number.Number, structure.Models[0][0].AuthId));
    }

    [Theory]
    [InlineData("data_X\n_struct.title\n;never ends\n", "(3): the text that begins here")]
    [InlineData("data_X\n_struct.title 'never ends\n", "(2): the quoted value")]
    [InlineData("data_X\n_struct.title\n", "_struct.title has no value")]
    [InlineData("data_X\n_struct.title a b\n", "\"b\" stands where a name")]
    [InlineData("data_X\nloop_\n", "loop_ is followed by no name")]
    [InlineData("data_X\n_entry.id X\n", "no atom coordinates")]
    public void Read_DamagedText_IsAnErrorWithItsPlace(string text, string part) => Assert.Contains(part, Assert.Throws<StructureFormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_RowCutOff_IsAnErrorWithItsLine()
    {
        string message = Assert.Throws<StructureFormatException>(() => Read("data_X\n" + Columns + Rows("ATOM", "ALA", "A", "A", "1", 0) + "ATOM N GLY")).Message;
        Assert.Contains("x.cif(16): this _atom_site row has 3 of 10 values", message, StringComparison.Ordinal);
        message = Assert.Throws<StructureFormatException>(() => Read("data_X\n" + Columns + "ATOM N GLY A A 1 1 2 3 four\n")).Message;
        Assert.Contains("x.cif(13): _atom_site.Cartn_z is \"four\", not a number", message, StringComparison.Ordinal);
    }

    private static string Rows(string group, string component, string label, string auth, string number, float x, string? authNumber = null)
    {
        authNumber ??= number == "." ? "900" : number;
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{group} N {component} {label} {auth} {number} {authNumber} {x} 0 1\n{group} CA {component} {label} {auth} {number} {authNumber} {x + 1.4f} 0 1\n{group} C {component} {label} {auth} {number} {authNumber} {x + 2.5f} 0 1\n");
    }

    private static ChainBackbone Select(Structure structure, string selection) => Assert.Single(BackboneExtractor.Extract(structure, StructureSelection.Parse(selection)).Chains);

    private static Structure Read(string text) => MmCifReader.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)), "x.cif");
}
