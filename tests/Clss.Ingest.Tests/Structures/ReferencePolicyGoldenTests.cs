using System.Buffers.Binary;
using System.Text.Json;
using Clss.Ingest.Structures;
using Clss.Testing;

namespace Clss.Ingest.Tests.Structures;

/// <summary>What the original program's parser made of eight files, number by number.</summary>
public class ReferencePolicyGoldenTests
{
    public static TheoryData<string> Files =>
    [
        "e1r3hG1.pdb", "e7x7tB1.pdb", "messy1.pdb", "messy2_models_blank_chain.pdb", "messy4_heterogeneity.pdb", "messy5_crlf.pdb", "messy6_digit_altloc.pdb",
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void Extract_GoldenFile_EqualsTheOriginal(string file)
    {
        JsonElement golden = ReadGolden(file);
        ChainBackbone chain = Assert.Single(BackboneExtractor.Extract(StructureFile.Open(Repository.SharedPath("golden", "pdb", file)), policy: StructurePolicy.Reference).Chains);

        Assert.Equal(golden.GetProperty("chain_id").GetString(), chain.AuthId);
        Assert.Equal(golden.GetProperty("sequence").GetString(), chain.Sequence);
        Assert.Equal(golden.GetProperty("residue_index").EnumerateArray().Select(item => item.GetInt32()), chain.ResidueNumbers.Select(number => number.Number));
        Assert.Equal(
            golden.GetProperty("insertion_code").EnumerateArray().Select(item => item.GetString()),
            chain.ResidueNumbers.Select(number => number.HasInsertionCode ? number.InsertionCode.ToString() : ""));
        Assert.Equal(golden.GetProperty("atoms_per_residue").EnumerateArray().Select(item => item.GetInt32()), chain.AtomCounts);

        (float[] coordinates, bool[] mask) = ReadTensors(file, chain.Length);
        float[] atom37 = new float[chain.Length * Atom37Layout.Count * 3];
        Assert.Equal(atom37.Length, chain.CopyAtom37(atom37));
        for (int atom = 0; atom < mask.Length; atom++)
        {
            for (int axis = 0; axis < 3; axis++)
            {
                float found = atom37[(atom * 3) + axis];
                Assert.True(mask[atom] ? found == coordinates[(atom * 3) + axis] : float.IsNaN(found), $"{file}: atom {atom}, axis {axis}: {found}, expected {coordinates[(atom * 3) + axis]}");
            }
        }

        for (int i = 0; i < chain.Length; i++)
        {
            Assert.Equal(mask.Skip(i * Atom37Layout.Count).Take(Atom37Layout.Count).Any(present => present), chain.Backbone.HasAnyAtom.Span[i]);
            Assert.Equal(atom37.Skip(i * 111).Take(9), chain.Backbone.Coordinates.Slice(i * 9, 9).ToArray());
        }
    }

    [Fact]
    public void Extract_WaterFirst_IsRejectedAsTheOriginalFails()
    {
        Structure structure = StructureFile.Open(Repository.SharedPath("golden", "pdb", "messy3_hetatm_first.pdb"));
        BackboneExtraction reference = BackboneExtractor.Extract(structure, policy: StructurePolicy.Reference);
        Assert.Empty(reference.Chains);
        RejectedRecord rejected = Assert.Single(reference.Rejected);
        Assert.Equal(StructureRejectionReasons.NoProtein, rejected.Reason);
        Assert.Equal("messy3_hetatm_first_Z", rejected.Id);
        Assert.Equal("DGTV", Assert.Single(BackboneExtractor.Extract(structure).Chains).Sequence);
    }

    [Fact]
    public void AtomNames_AreTheOriginalOrder()
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Repository.SharedPath("golden", "pdb.golden.json")));
        Assert.Equal(golden.RootElement.GetProperty("atom37_order").EnumerateArray().Select(item => item.GetString()!), Atom37Layout.AtomNames);
    }

    private static JsonElement ReadGolden(string file)
    {
        using var golden = JsonDocument.Parse(File.ReadAllText(Repository.SharedPath("golden", "pdb.golden.json")));
        return golden.RootElement.GetProperty("cases").EnumerateArray().Single(item => item.GetProperty("file").GetString() == file).Clone();
    }

    private static (float[] Coordinates, bool[] Mask) ReadTensors(string file, int length)
    {
        byte[] bytes = File.ReadAllBytes(Repository.SharedPath("golden", "pdb.golden.safetensors"));
        int headerLength = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, headerLength));
        string stem = Path.GetFileNameWithoutExtension(file);
        ReadOnlySpan<byte> Data(string suffix)
        {
            string name = header.RootElement.EnumerateObject().Select(item => item.Name).Single(item => item == file + suffix || item == stem + suffix);
            JsonElement offsets = header.RootElement.GetProperty(name).GetProperty("data_offsets");
            return bytes.AsSpan(8 + headerLength)[offsets[0].GetInt32()..offsets[1].GetInt32()];
        }

        ReadOnlySpan<byte> values = Data(".atom37");
        float[] coordinates = new float[length * Atom37Layout.Count * 3];
        Assert.Equal(coordinates.Length * 4, values.Length);
        for (int i = 0; i < coordinates.Length; i++)
        {
            coordinates[i] = BinaryPrimitives.ReadSingleLittleEndian(values[(4 * i)..]);
        }

        return (coordinates, Data(".atom37_mask").ToArray().Select(flag => flag != 0).ToArray());
    }
}
