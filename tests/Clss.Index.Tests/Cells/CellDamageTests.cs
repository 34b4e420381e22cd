using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Clss.Index.Storage;
using Clss.Testing;

namespace Clss.Index.Tests.Cells;

/// <summary>Sections of cells that are damaged, or consistent in their checksums and wrong in what they say.</summary>
public sealed class CellDamageTests : IDisposable
{
    private const int Dimension = 10;
    private const int HeaderBytes = SectionHeader.Size;

    private readonly TemporaryFolder _folder = new();
    private readonly string _directory;
    private readonly string _rowsPath;
    private readonly byte[] _whole;

    public CellDamageTests()
    {
        _directory = _folder.File("db");
        using (VectorCollection collection = VectorCollection.Create(_directory, CellData.Options(Dimension)))
        {
            collection.Upsert(CellData.Entries("clusters", 500, Dimension, 1, "a"));
            collection.Upsert(CellData.Entries("random", 150, Dimension, 2, "b"));
            collection.Compact();
            CellData.RequireCells(collection);
        }

        _rowsPath = Directory.GetFiles(_directory, "rows-*.clss").Single();
        _whole = File.ReadAllBytes(_rowsPath);
    }

    private delegate void Change(Span<byte> bytes);

    public static TheoryData<int> Kinds => new(Enumerable.Range((int)SectionKind.CellRows, SectionKind.WriteOrder - SectionKind.CellRows + 1));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Verify_OfAFlippedBit_NamesTheSection(int kind)
    {
        foreach ((int offset, int item, int length) in Sections(kind))
        {
            for (int i = 0; i < length; i += 1 + (length / 30))
            {
                byte[] bytes = [.. _whole];
                bytes[offset + HeaderBytes + i] ^= (byte)(1 << (i % 8));
                File.WriteAllBytes(_rowsPath, bytes);
                AssertDamage(Name(kind, item));
                UseEverything();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Open_WithoutTheSection_NamesIt(int kind)
    {
        foreach ((int offset, int item, _) in Sections(kind))
        {
            // A kind that no reader knows, in its place.
            Rewrite(offset, header => BinaryPrimitives.WriteUInt16LittleEndian(header[14..], 900), _ => { });
            AssertRefused(Name(kind, item), "missing");
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Open_WithAWrongHeader_NamesTheSection(int kind)
    {
        foreach ((int offset, int item, int length) in Sections(kind))
        {
            long count = BinaryPrimitives.ReadInt64LittleEndian(_whole.AsSpan(offset + 24));
            foreach (long wrong in ((long[])[0, 1, count - 1, count + 1, int.MaxValue, 1L << 40, long.MaxValue]).Where(wrong => wrong != count))
            {
                Rewrite(offset, header => BinaryPrimitives.WriteInt64LittleEndian(header[24..], wrong), _ => { });
                AssertRefused();
            }

            foreach (ElementType type in (ElementType[])[ElementType.Bytes, ElementType.UInt64, ElementType.Int32, ElementType.Float64])
            {
                Rewrite(offset, header => BinaryPrimitives.WriteUInt16LittleEndian(header[16..], (ushort)type), _ => { });
                AssertRefused(Name(kind, item), "found");
            }

            // A payload that is shorter: what follows is padding in part, and the next section lies where it lay.
            foreach (int less in (int[])[1, 4])
            {
                if (SectionFile.PaddedLength(length - less) == SectionFile.PaddedLength(length))
                {
                    Rewrite(offset, header => BinaryPrimitives.WriteInt64LittleEndian(header[32..], length - less), _ => { });
                    AssertRefused(Name(kind, item), "bytes");
                }
            }
        }
    }

    [Theory]
    [InlineData((int)SectionKind.CellRows)]
    [InlineData((int)SectionKind.GroupCells)]
    public void Open_WithWrongOffsets_NamesTheSection(int kind)
    {
        foreach ((int offset, int item, int length) in Sections(kind))
        {
            int count = length / sizeof(uint);
            int middle = count / 2;
            (string Problem, Action<Span<uint>> Change)[] changes =
            [
                ("offsets from 0", starts => starts[0] = kind == (int)SectionKind.CellRows ? 1u : 16u),
                ("offsets from 0", starts => starts[^1] += 16),
                ("offsets from 0", starts => starts[^1] = uint.MaxValue),
                ("smaller", starts => starts[^1] = 0),
                ("smaller", starts => starts[middle] = uint.MaxValue),
                ("smaller", starts => starts[middle] = 0x80000000),
                ("smaller", starts => (starts[0], starts[^1]) = (starts[^1], starts[0])),
            ];
            foreach ((string problem, Action<Span<uint>> change) in changes)
            {
                Rewrite(offset, _ => { }, payload => change(MemoryMarshal.Cast<byte, uint>(payload)));

                // A single run has no offset but the first and the last, which is checked first depends on the change.
                AssertRefused(Name(kind, item), count > 2 ? problem : "");
            }
        }
    }

    [Fact]
    public void Open_WithAGroupThatBeginsWithinABlock_NamesTheSection()
    {
        foreach ((int offset, int item, int length) in Sections((int)SectionKind.GroupCells))
        {
            if (length > 2 * sizeof(uint))
            {
                Rewrite(offset, _ => { }, payload => MemoryMarshal.Cast<byte, uint>(payload)[1]--);
                AssertRefused(Name((int)SectionKind.GroupCells, item), "not a multiple of 16");
            }
        }
    }

    [Fact]
    public void Open_WithFewerCellsThanGroupsSay_NamesTheSection()
    {
        // Both counts and lengths consistent: a group that ends after the last cell.
        (int offset, int item, int length) = Sections((int)SectionKind.GroupCells)[0];
        Rewrite(offset, _ => { }, payload => MemoryMarshal.Cast<byte, uint>(payload)[^1] += 1 << 20);
        AssertRefused(Name((int)SectionKind.GroupCells, item), "offsets from 0");
        Assert.InRange(length, 8, int.MaxValue);
    }

    [Theory]
    [InlineData((int)SectionKind.CellCentroids, false)]
    [InlineData((int)SectionKind.GroupCentroids, false)]
    [InlineData((int)SectionKind.CellSpreads, true)]
    [InlineData((int)SectionKind.GroupSpreads, true)]
    [InlineData((int)SectionKind.RecallMargins, true)]
    public void Open_WithNumbersThatAreNone_NamesTheSection(int kind, bool refusesNegatives)
    {
        foreach ((int offset, int item, int length) in Sections(kind))
        {
            float[] wrong = refusesNegatives ? [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0.5f] : [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
            foreach (float value in wrong)
            {
                foreach (int place in (int[])[0, length / 8, (length / 4) - 1])
                {
                    Rewrite(offset, _ => { }, payload => MemoryMarshal.Cast<byte, float>(payload)[place] = value);
                    AssertRefused(Name(kind, item), $"Element {place}");
                }
            }
        }
    }

    /// <summary>Numbers that are finite and absurd give results or our exception, nothing else.</summary>
    [Fact]
    public void Search_WithAbsurdNumbers_StaysWithinMemory()
    {
        foreach (SectionKind kind in (SectionKind[])[SectionKind.CellCentroids, SectionKind.GroupCentroids, SectionKind.CellSpreads, SectionKind.GroupSpreads, SectionKind.RecallMargins])
        {
            (int offset, _, _) = Sections((int)kind)[0];
            foreach (float value in (float[])[0, 1e-38f, float.MaxValue, 3, 1e20f])
            {
                Rewrite(offset, _ => { }, payload => MemoryMarshal.Cast<byte, float>(payload).Fill(value));
                UseEverything();
                Rewrite(offset, _ => { }, payload => MemoryMarshal.Cast<byte, float>(payload)[0] = value);
                UseEverything();
            }
        }
    }

    [Fact]
    public void Verify_OfAWriteOrderThatIsNone_NamesTheSection()
    {
        (int offset, _, int length) = Sections((int)SectionKind.WriteOrder).Single();
        (string Problem, Action<Span<uint>> Change)[] changes =
        [
            ("lies outside the 650 rows", order => order[7] = 650),
            ("lies outside the 650 rows", order => order[649] = uint.MaxValue),
            ("outside the partition's rows or occurs twice", order => order[7] = order[8]),
            ("outside the partition's rows or occurs twice", order => (order[7], order[600]) = (order[600], order[7])),
        ];
        Assert.Equal(650 * sizeof(uint), length);
        foreach ((string problem, Action<Span<uint>> change) in changes)
        {
            Rewrite(offset, _ => { }, payload => change(MemoryMarshal.Cast<byte, uint>(payload)));
            AssertDamage("section WriteOrder", problem);
            UseEverything();

            // A writer must not take such an order over into the next generation.
            using VectorCollection writer = VectorCollection.Open(_directory, OpenMode.ReadWrite);
            writer.Upsert(CellData.Entry(1, Samples.Unit(9, Dimension), "a"));
            Assert.Contains(problem, Assert.Throws<CorruptCollectionException>(() => writer.Compact()).Message, StringComparison.Ordinal);
        }
    }

    /// <summary>Payloads overwritten at random with right checksums.</summary>
    [Fact]
    public void Use_OfPayloadsThatSayAnything_ThrowsOurExceptionOrGivesAResult()
    {
        var random = new Random(3);
        int opened = 0;
        int refused = 0;
        foreach (int kind in Enumerable.Range((int)SectionKind.CellRows, 8))
        {
            foreach ((int offset, _, int length) in Sections(kind))
            {
                for (int round = 0; round < 12; round++)
                {
                    Rewrite(offset, _ => { }, payload =>
                    {
                        for (int i = random.Next(1 + (length / 8)); i >= 0; i--)
                        {
                            payload[random.Next(length)] = (byte)random.Next(256);
                        }
                    });
                    bool isOpened = UseEverything();
                    opened += isOpened ? 1 : 0;
                    refused += isOpened ? 0 : 1;
                }
            }
        }

        Assert.InRange(opened, 5, int.MaxValue);
        Assert.InRange(refused, 5, int.MaxValue);
    }

    private static string Name(int kind, int item) =>
        kind == (int)SectionKind.WriteOrder ? "section WriteOrder" : $"section {(SectionKind)kind} of partition {item}";

    private List<(int Offset, int Item, int Length)> Sections(int kind)
    {
        List<(int, int, int)> sections = [];
        int length;
        for (int offset = 0; offset < _whole.Length; offset += HeaderBytes + (int)SectionFile.PaddedLength(length))
        {
            SectionHeader header = SectionHeader.Read(_whole.AsSpan(offset, HeaderBytes), _rowsPath, offset);
            length = (int)header.PayloadLength;
            if ((int)header.Kind == kind)
            {
                sections.Add((offset, header.Item, length));
            }
        }

        Assert.Equal(kind == (int)SectionKind.WriteOrder ? 1 : 2, sections.Count);
        return sections;
    }

    /// <summary>Writes the file with one section changed and its checksums right.</summary>
    private void Rewrite(int offset, Change header, Change payload)
    {
        byte[] bytes = [.. _whole];
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(offset + 32));
        payload(bytes.AsSpan(offset + HeaderBytes, length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset + 40), Crc32C.Compute(bytes.AsSpan(offset + HeaderBytes, length)));
        header(bytes.AsSpan(offset, HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset + 60), Crc32C.Compute(bytes.AsSpan(offset, 60)));
        File.WriteAllBytes(_rowsPath, bytes);
    }

    private void AssertRefused(string section = "section", string problem = "")
    {
        CorruptCollectionException refusal = Assert.Throws<CorruptCollectionException>(() => VectorCollection.Open(_directory).Dispose());
        Assert.Contains(Path.GetFileName(_rowsPath), refusal.Message, StringComparison.Ordinal);
        Assert.Contains(section, refusal.Section, StringComparison.Ordinal);
        Assert.Contains(problem, refusal.Message, StringComparison.Ordinal);
        AssertDamage(section, problem);
    }

    private void AssertDamage(string section, string problem = "") => Assert.Contains(
        VectorCollection.Verify(_directory).Damages,
        damage => damage.File == Path.GetFileName(_rowsPath) && damage.Section.Contains(section, StringComparison.Ordinal) && damage.Message.Contains(problem, StringComparison.Ordinal));

    /// <summary>Opens, reads and searches in every mode; false where our exception refused it.</summary>
    private bool UseEverything()
    {
        try
        {
            using VectorCollection collection = VectorCollection.Open(_directory);
            foreach (string? partition in (string?[])[null, "a", "b"])
            {
                foreach (SearchOptions options in (SearchOptions[])[new() { K = 5, Exact = true }, new() { K = 5, Recall = 0.9 }, new() { K = 9, Recall = 0 }, new() { K = 5, Probes = 4 }, new() { K = 5, Probes = int.MaxValue }])
                {
                    Neighbor[] found = CellData.Search(collection, Samples.Unit(4, Dimension), options with { Partition = partition });
                    Assert.All(found, neighbor => Assert.InRange(neighbor.Ordinal, 0, 649));
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
