using Clss.Query.Evaluation;
using Clss.Testing;

namespace Clss.Query.Tests.Evaluation;

public sealed class LabelledDomainsTests : IDisposable
{
    private static readonly string Good = $"{DomainFolder.Header}\n{DomainFolder.Row("b", "a.1.1.1", "MKV", 2)}\n{DomainFolder.Row("a", "a.1.2.1", "GS", 0)}\n";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_GivesDomainsInTableOrder()
    {
        LabelledDomains set = LabelledDomains.Read(DomainFolder.Write(_folder, Good, residues: 5));
        Assert.Equal(["b", "a"], set.Domains.Select(domain => domain.Id));
        Assert.Equal(["MKV", "GS"], set.Domains.Select(domain => domain.Sequence.Residues));
        Assert.Equal(["a.1.1", "a.1.2"], set.Domains.Select(domain => domain.Superfamily));
        Assert.Equal(["a.1", "a.1"], set.Domains.Select(domain => domain.Fold));
        Assert.Equal(5, set.Residues);

        // The third residue of the file is the first of b; O is left out.
        Assert.Equal(
            [.. Enumerable.Range(2, 3).SelectMany(residue => Enumerable.Range(0, 9).Select(i => ((100 * residue) + i) / 100f))],
            set.Domains[0].Backbone.Coordinates.ToArray());
        Assert.All(set.Domains[0].Backbone.HasAnyAtom.ToArray(), Assert.True);
    }

    [Fact]
    public void Read_OfEcodColumns_TakesHAndXGroups()
    {
        string table = "uid\tecod_domain_id\tf_id\tresolved\tfirst_residue\tresolved_seq\n"
            + "1\te1\t11.1.1.40\t2\t0\tMK\n2\te2\t11.2.1\t0\t\t\n3\te3\t11.2.1\t1\t2\tG\n1\te1\t11.1.1.40\t2\t3\tMK\n";
        LabelledDomains set = LabelledDomains.Read(DomainFolder.Write(_folder, table, residues: 5));
        Assert.Equal([("e1", "11.1", "11"), ("e3", "11.2", "11")], set.Domains.Select(domain => (domain.Id, domain.Superfamily, domain.Fold)));
        Assert.Equal(1, set.WithoutCoordinates);
        Assert.Equal(1, set.Repeated);
    }

    [Fact]
    public void Read_OfSccsAlone_TakesItsLevels()
    {
        string table = "id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\tb.40.4.5\t2\t0\tMK\n";
        LabelledDomain domain = Assert.Single(LabelledDomains.Read(DomainFolder.Write(_folder, table, residues: 2)).Domains);
        Assert.Equal(("b.40.4", "b.40"), (domain.Superfamily, domain.Fold));
    }

    [Fact]
    public void Read_OfPartOfATable_SkipsTheOtherCoordinates()
    {
        string table = $"{DomainFolder.Header}\n{DomainFolder.Row("x", "a.1.1.1", "MK", 9_000)}\n";
        LabelledDomain domain = Assert.Single(LabelledDomains.Read(DomainFolder.Write(_folder, table, residues: 9_010)).Domains);
        Assert.Equal(unchecked((short)900_000) / 100f, domain.Backbone.Coordinates.Span[0]);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("id\tsccs\tresolved\tresolved_seq\nx\ta.1.1.1\t1\tM\n", "'first_residue'")]
    [InlineData("id\tsccs\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t1\tM\n", "'resolved'")]
    [InlineData("id\tsccs\tfirst_residue\tresolved\nx\ta.1.1.1\t0\t1\n", "'resolved_seq'")]
    [InlineData("name\tsccs\tresolved\tfirst_residue\tresolved_seq\n", "'id'")]
    [InlineData("id\tclass\tresolved\tfirst_residue\tresolved_seq\n", "labels")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\n", "none of its 0 rows")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t1\t0\n", "set.tsv(2): 4 cells")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t2\t0\tM\n", "'resolved' says 2")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t1\t-1\tM\n", "'first_residue' is '-1'")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t1\t9999999999999\tM\n", "'first_residue' is")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t999999\t0\tM\n", "'resolved' is")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1\t1\t0\tM\n", "fewer than three levels")]
    [InlineData("id\tf_id\tresolved\tfirst_residue\tresolved_seq\nx\t11\t1\t0\tM\n", "fewer than two levels")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\n\ta.1.1.1\t1\t0\tM\n", "'id') is empty")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t2\t0\tM-\n", "residue 2")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t2\t0\tMK\ny\ta.1.1.1\t2\t1\tMK\n", "set.tsv(3): the coordinates of y begin at residue 1, inside those of x")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t2\t4\tMK\n", "ends after 5 residues, but x needs 6")]
    [InlineData("id\tsccs\tresolved\tfirst_residue\tresolved_seq\nx\ta.1.1.1\t2\t400000000\tMK\n", "ends after 5 residues")]
    public void Read_OfABadTable_SaysWhatAndWhere(string table, string expected)
    {
        string folder = DomainFolder.Write(_folder, table, residues: 5);
        ClssQueryException exception = Assert.Throws<ClssQueryException>(() => LabelledDomains.Read(folder));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_OfAFolderWithoutOneOfEach_NamesThem()
    {
        AssertFails(_folder.File("nowhere"), "no such folder");
        AssertFails(_folder.Path, "no file is named *.tsv");
        _folder.Write("set.tsv", Good);
        AssertFails(_folder.Path, "no file is named *.coords.bin.gz");
        DomainFolder.Write(_folder, Good, residues: 5);
        _folder.Write("more.tsv", Good);
        AssertFails(_folder.Path, "2 files are named *.tsv (more.tsv, set.tsv)");
    }

    [Fact]
    public void Read_OfDamagedCoordinates_IsRefused()
    {
        AssertFails(DomainFolder.Write(_folder, Good, residues: 5, bytesMore: 7), "no multiple of 24 bytes");
        byte[] whole = File.ReadAllBytes(_folder.File("set.coords.bin.gz"));
        File.WriteAllBytes(_folder.File("set.coords.bin.gz"), whole[..^4]);
        AssertFails(_folder.Path, "set.coords.bin.gz");
        File.WriteAllBytes(_folder.File("set.coords.bin.gz"), []);
        AssertFails(_folder.Path, "set.coords.bin.gz");
        File.WriteAllText(_folder.File("set.coords.bin.gz"), "these are no coordinates");
        AssertFails(_folder.Path, "too short");
    }

    public void Dispose() => _folder.Dispose();

    private static void AssertFails(string folder, string expected) =>
        Assert.Contains(expected, Assert.Throws<ClssQueryException>(() => LabelledDomains.Read(folder)).Message, StringComparison.Ordinal);
}
