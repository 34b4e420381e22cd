using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Clss.Ingest.Structures;
using Clss.Ingest.Tests.Structures;
using Clss.Testing;

namespace Clss.Ingest.Tests.Archives;

public class ArchiveTests
{
    private static readonly byte[] Small = Encoding.ASCII.GetBytes(new PdbText().Residue("ALA", 1, 0).Residue("GLY", 2, 1).ToString());

    [Theory]
    [InlineData("plain")]
    [InlineData("gzip")]
    [InlineData("stdin")]
    public void Read_ProteomeTar_MergesTwinsAndNamesEntries(string how)
    {
        byte[] cif = Gzip(Encoding.ASCII.GetBytes("data_X\nloop_\n_atom_site.label_atom_id\n_atom_site.label_comp_id\n_atom_site.auth_asym_id\n_atom_site.auth_seq_id\n_atom_site.Cartn_x\n_atom_site.Cartn_y\n_atom_site.Cartn_z\nN MET A 1 0 0 0\nCA MET A 1 1.4 0 0\nC MET A 1 2.5 0 0\n"));
        byte[] tar = Tar(
            ("AF-P00001-F1-model_v4.cif.gz", cif),
            ("AF-P00001-F1-model_v4.pdb.gz", Gzip(Small)),
            ("AF-P00001-F1-confidence_v4.json.gz", [1, 2, 3]),
            ("AF-P00002-F2-model_v4.cif.gz", Gzip(Small)[..30]),
            ("AF-P00002-F2-model_v4.pdb.gz", Gzip(Small)),
            ("AF-P00001-F1-model_v6.cif.gz", cif));
        using var folder = new TemporaryFolder();
        string path = folder.File("UP000000001_1_TEST_v4.tar");
        File.WriteAllBytes(path, how == "gzip" ? Gzip(tar) : tar);
        var input = how == "stdin" ? StructureInput.Open(["-"], standardInput: new MemoryStream(tar)) : StructureInput.Open([path]);
        StructureItem[] items = [.. input.Read()];

        Assert.Equal([("AF-P00001-F1", "M", "P00001"), ("AF-P00002-F2", "AG", "P00002")], items.Select(item => item.Chain).OfType<ChainBackbone>().Select(chain => (chain.Key, chain.Sequence, chain.Structure.UniProtAccession)));
        RejectedRecord[] rejected = [.. items.Select(item => item.Rejected).OfType<RejectedRecord>()];
        Assert.Equal([StructureRejectionReasons.UnreadableStructure, RejectionReasons.DuplicateRecord], rejected.Select(item => item.Reason));
        Assert.EndsWith("AF-P00002-F2-model_v4.cif.gz", rejected[0].Source, StringComparison.Ordinal);
        Assert.Equal(1, input.MergedTwins);
        Assert.Contains(items, item => item.Note?.Text.StartsWith("1 file in the archive is not named like a structure", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Read_EveryTarFlavourAndName_StaysInMemory()
    {
        string longName = string.Concat(Enumerable.Repeat("folder/", 40)) + "long.pdb";
        foreach (TarEntryFormat format in new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.V7 })
        {
            using var folder = new TemporaryFolder();
            bool takesLongNames = format is TarEntryFormat.Pax or TarEntryFormat.Gnu;
            File.WriteAllBytes(folder.File("x.tar"), Tar(format, ("../../../evil.pdb", Small), ("/etc/passwd.pdb", Small), (takesLongNames ? longName : "long.pdb", Small), ("d1asha_", Small)));
            StructureItem[] items = [.. StructureInput.Open([folder.File("x.tar")]).Read()];
            Assert.Equal(["evil", "passwd", "long", "d1asha_"], items.Select(item => item.Chain!.Key));
            Assert.Equal(["x.tar"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
        }
    }

    [Fact]
    public void Read_TarCutOff_GivesWhatCameBeforeAndARejection()
    {
        byte[] tar = Tar(("a.pdb", Small), ("b.pdb", Small));
        for (int length = 1030; length < 2000; length += 97)
        {
            using var folder = new TemporaryFolder();
            File.WriteAllBytes(folder.File("x.tar"), tar[..length]);
            StructureItem[] items = [.. StructureInput.Open([folder.File("x.tar")]).Read()];
            Assert.Equal("a", items[0].Chain!.Key);
            Assert.Contains(items, item => item.Rejected is not null && item.Rejected.Detail.Contains("cut off", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Read_TarWithDamagedHeader_IsOneClearError()
    {
        byte[] tar = Tar(("a.pdb", Small));
        tar[3] ^= 1;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("x.tar"), tar);
        Assert.Contains("checksum", Assert.Throws<ClssIngestException>(() => StructureInput.Open([folder.File("x.tar")]).Read().ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Zip_ReadsEntriesAndReportsTheRest()
    {
        using var folder = new TemporaryFolder();
        byte[] zip = Zip(("sub/a.pdb", Small), ("../b.pdb.gz", Gzip(Small)), ("readme.txt", [65]), ("inner.tar", Tar(("c.pdb", Small))), ("bad.cif", [66, 67]));
        File.WriteAllBytes(folder.File("x.zip"), zip);
        foreach (StructureInput input in new[] { StructureInput.Open([folder.File("x.zip")]), StructureInput.Open(["-"], standardInput: new MemoryStream(zip)) })
        {
            StructureItem[] items = [.. input.Read()];
            Assert.Equal(["a", "b"], items.Select(item => item.Chain?.Key).OfType<string>());
            Assert.Equal([RejectionReasons.UnreadableFile, StructureRejectionReasons.UnreadableStructure], items.Select(item => item.Rejected?.Reason).OfType<string>());
            Assert.Contains(items, item => item.Note is not null);
        }

        File.WriteAllBytes(folder.File("cut.zip"), zip[..(zip.Length / 2)]);
        Assert.Contains("zip archive is damaged", Assert.Throws<ClssIngestException>(() => StructureInput.Open([folder.File("cut.zip")]).Read().ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Bombs_AreStoppedFarBelowTheirSize()
    {
        // 300 MB of blanks: of 300 kB compressed, 64 MB are allowed.
        using var folder = new TemporaryFolder();
        byte[] bomb = Gzip(writer =>
        {
            byte[] blanks = new byte[1 << 20];
            blanks.AsSpan().Fill((byte)' ');
            writer.Write("ATOM  \n"u8);
            for (int i = 0; i < 300; i++)
            {
                writer.Write(blanks);
            }
        });
        File.WriteAllBytes(folder.File("bomb.pdb.gz"), bomb);
        Assert.Contains("unpacks to more than", Assert.Throws<StructureFormatException>(() => StructureFile.Open(folder.File("bomb.pdb.gz"))).Message, StringComparison.Ordinal);

        File.WriteAllBytes(folder.File("bomb.zip"), Zip(("bomb.pdb", new byte[200 << 20]), ("a.pdb", Small)));
        long before = GC.GetTotalAllocatedBytes();
        StructureItem[] items = [.. StructureInput.Open([folder.File("bomb.zip")]).Read()];
        Assert.Contains("unpacks to more than", items[0].Rejected!.Detail, StringComparison.Ordinal);
        Assert.Equal("a", items[1].Chain!.Key);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 300 << 20);
    }

    internal static byte[] Gzip(byte[] data) => Gzip(writer => writer.Write(data));

    private static byte[] Gzip(Action<Stream> write)
    {
        var stream = new MemoryStream();
        using (var writer = new GZipStream(stream, CompressionLevel.SmallestSize))
        {
            write(writer);
        }

        return stream.ToArray();
    }

    private static byte[] Tar(params (string Name, byte[] Data)[] entries) => Tar(TarEntryFormat.Ustar, entries);

    private static byte[] Tar(TarEntryFormat format, params (string Name, byte[] Data)[] entries)
    {
        var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach ((string name, byte[] data) in entries)
            {
                TarEntryType type = format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile;
                TarEntry entry = format switch
                {
                    TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                    TarEntryFormat.Pax => new PaxTarEntry(type, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(type, name),
                    _ => new V7TarEntry(type, name),
                };
                entry.DataStream = new MemoryStream(data);
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Data)[] entries)
    {
        var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] data) in entries)
            {
                using Stream entry = archive.CreateEntry(name, CompressionLevel.SmallestSize).Open();
                entry.Write(data);
            }
        }

        return stream.ToArray();
    }
}
