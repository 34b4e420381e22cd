using Clss.Ingest.Formats.BinaryCif;
using Clss.Ingest.Structures;
using Clss.Testing;
using static Clss.Ingest.Tests.Formats.BinaryCif.BinaryCifText;

namespace Clss.Ingest.Tests.Formats.BinaryCif;

public class BinaryCifReaderTests
{
    [Fact]
    public void Read_EveryEncoding_GivesTheValues()
    {
        Structure structure = Read(File(Columns()));
        Assert.Equal(6, structure.AtomCount);
        Chain chain = structure.Models[0][0];
        Assert.Equal(("A", 2), (chain.AuthId, chain.ResidueCount));
        Assert.Equal(["N", "CA", "C"], chain[0].Atoms.Select(atom => atom.Name.ToString()));
        Assert.Equal(["ALA", "GLY"], chain.Residues.Select(residue => residue.Name));
        Assert.Equal([10, 300], chain.Residues.Select(residue => residue.Number.Number));
        Assert.Equal([0f, 1.4f, 2.5f, 3.8f, 5.2f, 6.3f], chain.Residues.SelectMany(residue => residue.Atoms).Select(atom => atom.X));
        Assert.Equal([0f, 0.25f, 0.5f, 0.75f, 1f, 0.25f], chain.Residues.SelectMany(residue => residue.Atoms).Select(atom => atom.Y));
        Assert.Equal([1.5f, -1f, 2f, 3f, 4f, 5f], chain.Residues.SelectMany(residue => residue.Atoms).Select(atom => atom.Z));
        Assert.Equal([90f, 0f, 90f, 90f, 90f, 90f], chain.Residues.SelectMany(residue => residue.Atoms).Select(atom => atom.BFactor));
        Assert.Equal("AG", Assert.Single(BackboneExtractor.Extract(structure).Chains).Sequence);
    }

    [Fact]
    public void Read_RealFile_EqualsItsTextTwin()
    {
        Structure binary = StructureFile.Open(Repository.SharedPath("data", "structures", "mmcif", "1cbs_full.bcif"));
        Structure text = StructureFile.Open(Repository.SharedPath("data", "structures", "mmcif", "1cbs_updated.cif.gz"));
        Assert.Equal((text.AtomCount, text.ResidueCount, text.Id), (binary.AtomCount, binary.ResidueCount, binary.Id));
        Residue[] residues = [.. binary.Models[0].Chains.SelectMany(chain => chain.Residues)];
        Residue[] expected = [.. text.Models[0].Chains.SelectMany(chain => chain.Residues)];
        Assert.Equal(expected.Select(Show), residues.Select(Show));
        ChainBackbone chain = Assert.Single(BackboneExtractor.Extract(binary).Chains);
        Assert.Equal(Assert.Single(BackboneExtractor.Extract(text).Chains).Backbone.Coordinates.ToArray(), chain.Backbone.Coordinates.ToArray());
    }

    [Fact]
    public void Read_CutOffAnywhere_IsAnErrorOfItsOwn()
    {
        byte[] file = Pack(File(Columns()));
        for (int length = 0; length < file.Length; length++)
        {
            byte[] part = file[..length];
            Assert.Throws<StructureFormatException>(() => BinaryCifReader.Read(new MemoryStream(part)));
        }
    }

    [Theory]
    [InlineData("rows", "announces")]
    [InlineData("run", "unpacks 2 numbers of runs to 2,000,000,000")]
    [InlineData("negative run", "has a run of -1")]
    [InlineData("index", "names string 9")]
    [InlineData("offset", "has text from 0 to 99")]
    [InlineData("count", "values for 6 rows")]
    [InlineData("kind", "which is no way to pack whole numbers")]
    [InlineData("packing", "ends inside number")]
    public void Read_HostileSizes_AreRefusedBeforeMemoryIsTaken(string what, string part)
    {
        object[] columns = Columns();
        var numbers = (Dictionary<string, object?>)((Dictionary<string, object?>)columns[^1])["data"]!;
        switch (what)
        {
            case "run":
                numbers["data"] = Int32(1, 6);
                numbers["encoding"] = new object?[] { Step("RunLength", ("srcSize", 2_000_000_000)), Step("ByteArray", ("type", 3)) };
                break;
            case "negative run":
                numbers["data"] = Int32(1, -1);
                numbers["encoding"] = new object?[] { Step("RunLength", ("srcSize", 6)), Step("ByteArray", ("type", 3)) };
                break;
            case "index":
                columns[0] = Text("group_PDB", "ATOM", [0, 4], [0, 0, 9, 0, 0, 0]);
                break;
            case "offset":
                columns[0] = Text("group_PDB", "ATOM", [0, 99], [0, 0, 0, 0, 0, 0]);
                break;
            case "count":
                numbers["data"] = Int32(1, 2, 3);
                numbers["encoding"] = new object?[] { Step("ByteArray", ("type", 3)) };
                break;
            case "kind":
                numbers["encoding"] = new object?[] { Step("Magic"), Step("ByteArray", ("type", 3)) };
                break;
            case "packing":
                numbers["data"] = new byte[] { 127, 127, 127, 127, 127, 127 };
                numbers["encoding"] = new object?[] { Step("IntegerPacking", ("byteCount", 1), ("isUnsigned", false), ("srcSize", 6)), Step("ByteArray", ("type", 1)) };
                break;
        }

        Dictionary<string, object?> file = File(columns);
        if (what == "rows")
        {
            var block = (Dictionary<string, object?>)((object?[])file["dataBlocks"]!)[0]!;
            ((Dictionary<string, object?>)((object?[])block["categories"]!)[0]!)["rowCount"] = 2_000_000_000;
        }

        string message = Assert.Throws<StructureFormatException>(() => Read(file)).Message.Replace("2000000000", "2,000,000,000", StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsAnErrorNotAStackOverflow()
    {
        byte[] bomb = [0x81, 0xA7, .. "encoder"u8, .. Enumerable.Repeat((byte)0x91, 1_000_000), 0xC0];
        Assert.Contains("nest deeper", Assert.Throws<StructureFormatException>(() => StructureFile.Read(new MemoryStream(bomb), "bomb.bcif")).Message, StringComparison.Ordinal);
    }

    private static object[] Columns() =>
    [
        Text("group_PDB", "ATOM", [0, 4], [0, 0, 0, 0, 0, 0]),
        Text("label_atom_id", "NCAC", [0, 1, 3, 4], [0, 1, 2, 0, 1, 2]),
        Text("label_comp_id", "ALAGLY", [0, 3, 6], [0, 0, 0, 1, 1, 1]),
        Text("auth_asym_id", "A", [0, 1], [0, 0, 0, 0, 0, 0]),

        // Three each of 10 and 300, as runs, of which 300 needs three packed bytes.
        Column("auth_seq_id", [10, 3, 127, 127, 46, 3], [Step("RunLength", ("srcSize", 6)), Step("IntegerPacking", ("byteCount", 1), ("isUnsigned", false), ("srcSize", 4)), Step("ByteArray", ("type", 1))]),

        // 0, 1400, 2500, 3800, 5200, 6300 thousandths, as differences.
        Column("Cartn_x", Int32(0, 1400, 1100, 1300, 1400, 1100), [Step("FixedPoint", ("factor", 1000)), Step("Delta", ("origin", 0)), Step("ByteArray", ("type", 3))]),
        Column("Cartn_y", [0, 1, 2, 3, 4, 1], [Step("IntervalQuantization", ("min", 0.0), ("max", 1.0), ("numSteps", 5)), Step("ByteArray", ("type", 4))]),
        Column("Cartn_z", [.. new[] { 1.5, -1, 2, 3, 4, 5 }.SelectMany(BitConverter.GetBytes)], [Step("ByteArray", ("type", 33))]),
        Column("B_iso_or_equiv", [.. new[] { 90f, 90, 90, 90, 90, 90 }.SelectMany(BitConverter.GetBytes)], [Step("ByteArray", ("type", 32))], [0, 2, 0, 0, 0, 0]),
        Column("pdbx_PDB_model_num", Int32(1, 6), [Step("RunLength", ("srcSize", 6)), Step("ByteArray", ("type", 3))]),
    ];

    private static Dictionary<string, object?> Text(string name, string strings, int[] offsets, byte[] indices) => Column(name, indices,
    [
        Step(
            "StringArray",
            ("dataEncoding", new object?[] { Step("ByteArray", ("type", 4)) }),
            ("stringData", strings),
            ("offsetEncoding", new object?[] { Step("ByteArray", ("type", 3)) }),
            ("offsets", Int32(offsets))),
    ]);

    private static string Show(Residue residue) => $"{residue.Name} {residue.Number} {residue.LabelId} {residue.LabelNumber} " + string.Join(' ', residue.Atoms.Select(atom => $"{atom.Name}/{atom.Element}/{atom.X}/{atom.Y}/{atom.Z}/{atom.Occupancy}/{atom.BFactor}"));

    private static Structure Read(Dictionary<string, object?> file) => BinaryCifReader.Read(new MemoryStream(Pack(file)), "x.bcif");
}
