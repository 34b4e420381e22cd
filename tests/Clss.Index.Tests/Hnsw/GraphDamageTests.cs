using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Clss.Index.Storage;
using Clss.Index.Tests.Cells;
using Clss.Testing;

namespace Clss.Index.Tests.Hnsw;

/// <summary>The sections of graphs in a collection: damaged, missing, or right in their checksums and wrong in what they say.</summary>
public sealed class GraphDamageTests : IDisposable
{
    private const int Dimension = 10;
    private const int FirstLink = 576 + (500 * 32);

    private readonly TemporaryFolder _folder = new();
    private readonly string _directory;
    private readonly SectionEdit _edit;

    public GraphDamageTests()
    {
        _directory = _folder.File("db");
        using (VectorCollection collection = VectorCollection.Create(_directory, GraphCollections.Options(Dimension)))
        {
            collection.Upsert(CellData.Entries("clusters", 500, Dimension, 1, "a"));
            collection.Upsert(CellData.Entries("random", 150, Dimension, 2, "b"));
            collection.Compact();
            GraphCollections.RequireGraphs(collection);
        }

        _edit = SectionEdit.Of(_directory);
    }

    public static TheoryData<int> Kinds => [(int)SectionKind.RecallMargins, (int)SectionKind.HnswGraph];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Verify_OfAFlippedBit_NamesTheSection(int kind)
    {
        for (int item = 0; item < 2; item++)
        {
            int length = _edit.Find((SectionKind)kind, item).Length;
            for (int place = 0; place < length; place += 1 + (length / 40))
            {
                _edit.Flip((SectionKind)kind, item, place);
                AssertDamage($"section {(SectionKind)kind} of partition {item}");
                UseEverything();
            }
        }
    }

    [Fact]
    public void Open_WithoutRecallMargins_NamesThem()
    {
        _edit.Write(SectionKind.RecallMargins, 1, _ => { }, header => BinaryPrimitives.WriteUInt16LittleEndian(header[14..], 900));
        AssertRefused("section RecallMargins of partition 1", "missing");
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(-1f)]
    public void Open_WithMarginsThatAreNone_NamesThem(float value)
    {
        _edit.Write(SectionKind.RecallMargins, 0, payload => MemoryMarshal.Cast<byte, float>(payload)[7] = value);
        AssertRefused("section RecallMargins of partition 0", "Element 7");
    }

    [Theory]
    [InlineData(0, "begins with CLSSHNSW")]
    [InlineData(16, "checksum")]
    [InlineData(64, "checksum")]
    public void Open_WithAWrongHeader_NamesTheGraph(int place, string problem)
    {
        _edit.Write(SectionKind.HnswGraph, 0, payload => payload[place]++);
        AssertRefused("section HnswGraph of partition 0", problem);
    }

    /// <summary>The graph of another partition is whole, but not over these rows.</summary>
    [Fact]
    public void Open_WithTheGraphOfAnotherPartition_NamesIt()
    {
        byte[] header = _edit.Whole.AsSpan(_edit.Find(SectionKind.HnswGraph, 1).Offset, 576).ToArray();
        _edit.Write(SectionKind.HnswGraph, 0, header.CopyTo);
        AssertRefused("section HnswGraph of partition 0", "over 500 rows");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(-2)]
    [InlineData(int.MaxValue)]
    [InlineData(0)]
    public void Verify_OfALinkThatCannotBe_NamesTheGraph(int link)
    {
        // Node 0 of the lowest level: its first link leads outside, or to itself.
        _edit.Write(SectionKind.HnswGraph, 0, payload => BinaryPrimitives.WriteInt32LittleEndian(payload[FirstLink..], link));
        AssertDamage("section HnswGraph of partition 0", "Link 0 of node 0 on level 0");
        UseEverything();
    }

    [Fact]
    public void Use_OfLinksThatSayAnything_ThrowsOurExceptionOrGivesAResult()
    {
        var random = new Random(5);
        int opened = 0;
        int refused = 0;
        for (int round = 0; round < 60; round++)
        {
            _edit.Write(SectionKind.HnswGraph, 0, payload =>
            {
                for (int i = random.Next(1, 40); i > 0; i--)
                {
                    payload[FirstLink + random.Next(payload.Length - FirstLink)] = (byte)random.Next(round % 2 == 0 ? 2 : 256);
                }
            });
            bool isOpened = UseEverything();
            opened += isOpened ? 1 : 0;
            refused += isOpened ? 0 : 1;
        }

        Assert.InRange(opened, 5, int.MaxValue);
        Assert.InRange(refused, 5, int.MaxValue);
    }

    private void AssertRefused(string section, string problem)
    {
        CorruptCollectionException refusal = Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(_directory).Dispose());
        Assert.Contains(section, refusal.Section, StringComparison.Ordinal);
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        AssertDamage(section, problem);
    }

    private void AssertDamage(string section, string problem = "") => Assert.Contains(
        VectorCollection.Verify(_directory).Damages,
        damage => damage.Section.Contains(section, StringComparison.Ordinal) && damage.Message.Contains(problem, StringComparison.Ordinal));

    /// <summary>Opens, reads and searches in every mode; false where our exception refused it.</summary>
    private bool UseEverything()
    {
        try
        {
            using VectorCollection collection = VectorCollection.Open(_directory);
            foreach (SearchOptions options in (SearchOptions[])[new() { K = 5, Exact = true }, new() { K = 5, Recall = 0.9 }, new() { K = 5, EfSearch = 300 }])
            {
                foreach (string? partition in (string?[])[null, "a", "b"])
                {
                    Assert.All(CellData.Search(collection, Samples.Unit(4, Dimension), options with { Partition = partition }), neighbor => Assert.InRange(neighbor.Ordinal, 0, 649));
                }
            }

            Assert.Equal(650, collection.ReadAll().Count());
            return true;
        }
        catch (ClssIndexException)
        {
            return false;
        }
    }
}
