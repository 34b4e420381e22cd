using Clss.Embedder.Inputs;
using Clss.Index;
using Clss.Ingest.Structures;
using Clss.Testing;

namespace Clss.Ingest.Tests.Structures;

public class BackboneTests
{
    [Fact]
    public void FromAtom37_SideChainOnly_HasAnAtomButNoBackbone()
    {
        float[] atoms = new float[3 * 111];
        atoms.AsSpan().Fill(float.NaN);
        atoms.AsSpan(0, 9).Fill(1);
        atoms.AsSpan(111 + (5 * 3), 3).Fill(2);
        var backbone = Backbone.FromAtom37(atoms);
        Assert.Equal(3, backbone.Length);
        Assert.Equal([true, true, false], backbone.HasAnyAtom.ToArray());
        Assert.Equal(Enumerable.Repeat(1f, 9), backbone.Coordinates[..9].ToArray());
        Assert.All(backbone.Coordinates[9..].ToArray(), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void FromNCaC_WithoutFlags_TellsThemFromTheAtoms()
    {
        float[] coordinates = [1, 2, 3, 4, 5, 6, 7, 8, 9, float.NaN, 0, 0, float.PositiveInfinity, 0, 0, 0, 0, float.NaN];
        Assert.Equal([true, false], Backbone.FromNCaC(coordinates).HasAnyAtom.ToArray());
        Assert.Equal([false, true], Backbone.FromNCaC(coordinates, [false, true]).HasAnyAtom.ToArray());
    }

    [Fact]
    public void From_LengthsThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Backbone.FromNCaC(new float[10]));
        Assert.Throws<ArgumentException>(() => Backbone.FromNCaC(new float[18], [true]));
        Assert.Throws<ArgumentException>(() => Backbone.FromAtom37(new float[112]));
        Assert.Equal(0, Backbone.FromAtom37([]).Length);
    }

    [Fact]
    public void MetadataOf_PredictedModel_HasAccessionAndPlddt()
    {
        Structure structure = StructureFile.Open(Repository.SharedPath("data", "structures", "predicted", "AF-A0A1W2PQ64-F1-model_v4.pdb"));
        Assert.True(structure.IsPredicted);
        ChainBackbone chain = Assert.Single(BackboneExtractor.Extract(structure).Chains);
        Dictionary<string, MetadataValue> metadata = StructureSchema.MetadataOf(chain, "x.pdb").ToDictionary();
        Assert.Equal(MetadataValue.Text("A0A1W2PQ64"), metadata[DomainSchema.UniProtAccession]);
        Assert.Equal(MetadataValue.Text("AF-A0A1W2PQ64-F1"), metadata[DomainSchema.AlphaFoldEntry]);
        Assert.Equal(MetadataValue.Text("1-194"), metadata[StructureSchema.Residues]);
        Assert.Equal(MetadataValue.Real(chain.MeanBFactor), metadata[StructureSchema.MeanPlddt]);
        Assert.InRange(chain.MeanBFactor, 20, 100);
        Assert.Empty(metadata.Keys.Except([.. DomainSchema.Columns.Select(column => column.Name), .. StructureSchema.Columns.Select(column => column.Name)]));
    }

    [Fact]
    public void MetadataOf_MmCifPrediction_IsPredictedByItsCategories()
    {
        Structure structure = StructureFile.Open(Repository.SharedPath("data", "structures", "predicted", "O05012.cif.gz"));
        Assert.True(structure.IsPredicted);
        Assert.Equal(("O05012", true), (structure.UniProtAccession, structure.TaxonomyId > 0));
        Assert.NotEmpty(structure.Organism);
    }

    [Fact]
    public void ComponentNames_OfBothLists_AreEmbedded()
    {
        string shared = Repository.SharedPath("golden", "pdb", "amino_acid_names.txt");
        Assert.All(File.ReadLines(shared), name => Assert.True(ComponentTable.Instance.IsPeptideName(name)));
        Assert.False(ComponentTable.Instance.IsPeptideName("HIE"));
        Assert.Equal(('M', "MET"), (ComponentTable.Instance.Describe("MSE", null, null).Letter, ComponentTable.Instance.Describe("MSE", null, null).Parent));
    }
}
