using Clss.Index;
using Clss.Ingest.Formats.Tsv;
using Clss.Testing;

namespace Clss.Ingest.Tests.Formats.Tsv;

public class MetadataTableTests
{
    [Theory]
    [InlineData("1 2 -3", ColumnType.Integer)]
    [InlineData("1  3", ColumnType.Integer)]
    [InlineData("9223372036854775807 0", ColumnType.Integer)]
    [InlineData("9223372036854775808 0", ColumnType.Real)]
    [InlineData("1 2.5", ColumnType.Real)]
    [InlineData("1e-5 1.0e10 -.5", ColumnType.Real)]
    [InlineData("1e10 2e20", ColumnType.Text)]
    [InlineData("001 002", ColumnType.Text)]
    [InlineData("+5 1", ColumnType.Text)]
    [InlineData("1,5 2", ColumnType.Text)]
    [InlineData("NaN 1", ColumnType.Text)]
    [InlineData("true False TRUE", ColumnType.Flag)]
    [InlineData("true 1", ColumnType.Text)]
    [InlineData("0 1", ColumnType.Integer)]
    [InlineData("1.1.1 2.1.1", ColumnType.Text)]
    [InlineData(" ", ColumnType.Text)]
    [InlineData("-0 1", ColumnType.Real)]
    public void Open_Column_HasTheNarrowestType(string cells, ColumnType expected)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("m.tsv", "id\tvalue\n" + string.Join("\n", cells.Split(' ').Select((cell, i) => $"k{i}\t{cell}")));
        Assert.Equal(new ColumnDefinition("value", expected), Assert.Single(MetadataTable.Open(path).Columns));
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void ReadRows_TypedCells_AreGivenWithoutTheMissing(string end)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("m.tsv", "\uFEFF" + string.Join(end, "uid\tlength\tscore\tgood\tname\tpartition", "000000267\t10\t0.5\ttrue\tβ barrel\tstructure", "1e10\t\t\t\t\t", ""));
        MetadataTable table = MetadataTable.Open(path);
        Assert.Equal(2, table.RowCount);
        Assert.Equal(["length", "score", "good", "name"], table.Columns.Select(column => column.Name));
        List<MetadataRow> rows = [.. table.ReadRows()];
        Assert.Equal(("000000267", "structure", 2), (rows[0].Key, rows[0].Partition, rows[0].Line));
        Assert.Equal("length=10;score=0.5;good=true;name=β barrel", string.Join(';', rows[0].Metadata.Select(pair => $"{pair.Key}={pair.Value}")));
        Assert.Equal(("1e10", "", 0), (rows[1].Key, rows[1].Partition, rows[1].Metadata.Count));
    }

    [Theory]
    [InlineData("", "the table is empty")]
    [InlineData("id\tid\n", "m.tsv(1): the column 'id' is named twice")]
    [InlineData("id\t\n", "m.tsv(1): column 2 has no name")]
    [InlineData("id\tkey\n", "m.tsv(1): the column 'key' must be the first")]
    [InlineData("id\tx\na\t1\nb\n", "m.tsv(3): 1 cells, but the header names 2 columns")]
    [InlineData("id\tx\na\t1\t2\n", "m.tsv(2): 3 cells, but the header names 2 columns")]
    [InlineData("id\tx\n\t1\n", "m.tsv(2): the key (column 'id') is empty")]
    [InlineData("id\tx\na\t1\nb\t1\na\t2\n", "m.tsv(4): the key 'a' was already on line 2")]
    public void Open_NoTable_SaysWhere(string text, string message)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("m.tsv", text);
        Assert.Contains(message, Assert.Throws<ClssIngestException>(() => MetadataTable.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EndlessLine_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("m.tsv");
        File.WriteAllBytes(path, new byte[20_000_000]);
        Assert.Contains("the line is longer than", Assert.Throws<ClssIngestException>(() => MetadataTable.Open(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteRow_SeparatorsInACell_BecomeBlanks()
    {
        var stream = new MemoryStream();
        using (var writer = new TsvWriter(stream))
        {
            writer.WriteRow("a", "b\tc", "");
            writer.WriteRow("β\r\n");
        }

        Assert.Equal("a\tb c\t\nβ  \n", System.Text.Encoding.UTF8.GetString(stream.ToArray()));
    }
}
