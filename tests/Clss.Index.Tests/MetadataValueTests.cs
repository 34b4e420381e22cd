namespace Clss.Index.Tests;

public class MetadataValueTests
{
    private static readonly MetadataValue[] Values =
    [
        default,
        MetadataValue.Text(""),
        MetadataValue.Text("1"),
        MetadataValue.Integer(1),
        MetadataValue.Integer(0),
        MetadataValue.Real(1),
        MetadataValue.Real(double.NaN),
        MetadataValue.Flag(true),
        MetadataValue.Flag(false),
        MetadataValue.TextList([]),
        MetadataValue.TextList(["1"]),
        MetadataValue.TextList(["1", "2"]),
    ];

    [Fact]
    public void Equals_OfDifferentValues_IsFalse_AndOfCopiesTrue()
    {
        for (int i = 0; i < Values.Length; i++)
        {
            for (int j = 0; j < Values.Length; j++)
            {
                Assert.Equal(i == j, Values[i] == Values[j]);
                Assert.Equal(i != j, Values[i] != Values[j]);
                Assert.Equal(i == j, Values[i].Equals((object)Values[j]));
            }
        }

        MetadataValue copy = MetadataValue.TextList(new List<string> { "1", "2" });
        Assert.Equal(Values[^1], copy);
        Assert.Equal(Values[^1].GetHashCode(), copy.GetHashCode());
        Assert.Equal(MetadataValue.Real(double.NaN).GetHashCode(), Values[6].GetHashCode());
        Assert.Equal(MetadataValue.Text(new string('1', 1)).GetHashCode(), Values[2].GetHashCode());
    }

    [Fact]
    public void As_AnotherKind_NamesBoth()
    {
        Assert.Equal("The metadata value is Integer, not Text.", Assert.Throws<InvalidOperationException>(() => Values[3].AsText()).Message);
        Assert.Equal("The metadata value is Missing, not Real.", Assert.Throws<InvalidOperationException>(() => Values[0].AsReal()).Message);
        Assert.Equal("The metadata value is Text, not TextList.", Assert.Throws<InvalidOperationException>(() => Values[1].AsTextList()).Message);
    }

    [Fact]
    public void ToString_IsInvariant() =>
        Assert.Equal(["", "", "1", "1", "0", "1", "NaN", "true", "false", "", "1", "1;2"], Values.Select(value => value.ToString()));
}
