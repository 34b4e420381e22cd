using System.Text;
using Clss.Index.Storage;

namespace Clss.Index.Tests.Storage;

[Trait("Tier", "any")]
public class Crc32CTests
{
    /// <summary>The examples of RFC 3720, B.4, and the check value of the CRC catalogue.</summary>
    public static TheoryData<byte[], uint> Known => new()
    {
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
        { Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5C },
        { Array.Empty<byte>(), 0 },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Compute_OfPublishedExamples_GivesThePublishedValues(byte[] bytes, uint expected)
    {
        Assert.Equal(expected, Crc32C.Compute(bytes));
        Assert.Equal(expected, Crc32C.AppendTable(0, bytes));
    }

    [Fact]
    public void Append_OfEveryLengthAndSplit_EqualsTheTable()
    {
        var bytes = new byte[300];
        new Random(7).NextBytes(bytes);
        for (int length = 0; length <= 256; length++)
        {
            ReadOnlySpan<byte> part = bytes.AsSpan(length % 5, length);
            uint expected = Crc32C.AppendTable(0, part);
            Assert.Equal(expected, Crc32C.Compute(part));
            Assert.Equal(expected, Crc32C.Append(Crc32C.Compute(part[..(length / 3)]), part[(length / 3)..]));
        }
    }
}
