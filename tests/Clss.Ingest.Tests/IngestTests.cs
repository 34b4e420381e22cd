using System.Text;
using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Index;
using Clss.Ingest.Formats.Fasta;
using Clss.Ingest.Formats.Numpy;
using Clss.Ingest.Sources;
using Clss.Testing;

namespace Clss.Ingest.Tests;

/// <summary>The built-in model, loaded once for all tests that embed.</summary>
public sealed class BuiltInModel : IDisposable
{
    public ClssEmbedder Embedder { get; } = ClssEmbedder.LoadBuiltIn();

    public void Dispose() => Embedder.Dispose();
}

public sealed class IngestTests : IClassFixture<BuiltInModel>, IDisposable
{
    private readonly ClssEmbedder _embedder;
    private readonly TemporaryFolder _folder = new();

    public IngestTests(BuiltInModel model) => _embedder = model.Embedder;

    // Small batches and a commit after each, so that a short input has many points to stop at.
    private static IngestOptions Steps => new() { BatchTokens = 200, CommitRecords = 1, CommitInterval = TimeSpan.Zero };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Build_Sequences_StoresVectorsAndMetadata()
    {
        string path = _folder.Write("in.fa", ">sp|P18355|YPFU_ECOLI Protein OS=E. coli OX=83333 PE=3 SV=1\nMKVLT\n>d1dlwa_ a.1.1.1 (A:) Hemoglobin {X}\nslfeqlgg\n>bad\nM1\n>P18355\nMKVLTA\n>d1dlwa_ again\nSLFEQLGG\n");
        IngestReport report = await DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), _folder.File("db"), cancellationToken: Cancellation);
        Assert.Equal((2, 3, 13), (report.Rows, report.RejectedCount, report.Residues));
        Assert.Equal(
            [
                "source\tline\tid\treason\tdetail",
                $"{path}\t5\tbad\tinvalid character\t'1' at residue 2, line 6; expected letters, '*', '-' or '.'",
                $"{path}\t7\tP18355\tduplicate id\tfirst seen at {path}(1) with another sequence",
                $"{path}\t9\td1dlwa_\tduplicate record\tfirst seen at {path}(3) with the same sequence",
            ],
            File.ReadAllLines(_folder.File("db_skipped.tsv")));
        Assert.Equal("lower-case letters read as capitals in 1 record.", Assert.Single(report.Notes).Text);

        using VectorCollection collection = VectorCollection.Open(_folder.File("db"));
        Assert.Equal((_embedder.Fingerprint, _embedder.Name, 2), (collection.Info.Model, collection.Info.ModelName, collection.Info.Count));
        VectorEntry entry = collection.Find("P18355", "sequence")!;
        Assert.Equal(_embedder.Embed(new ProteinSequence("MKVLT")).Vector.ToArray(), entry.Vector.ToArray());
        Assert.Equal(83333, entry.Metadata[DomainSchema.TaxonomyId].AsInteger());
        Assert.Equal("sp|P18355|YPFU_ECOLI Protein OS=E. coli OX=83333 PE=3 SV=1", entry.Metadata[DomainSchema.Description].AsText());
        Assert.Equal((5L, "in.fa"), (entry.Metadata[DomainSchema.Length].AsInteger(), entry.Metadata[DomainSchema.Source].AsText()));
        Assert.Equal("a.1.1", collection.Find("d1dlwa_")!.Metadata[DomainSchema.ScopeSuperfamily].AsText());
    }

    [Fact]
    public async Task Build_CancelledAnywhereAndContinued_LeavesWhatAnUninterruptedRunLeaves()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string path = _folder.Write("in.fa", RandomFasta(random, 60));
        await DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), _folder.File("whole"), cancellationToken: Cancellation);
        for (int round = 0; round < 6; round++)
        {
            string database = _folder.File($"db{round}");
            int stops = await RunUntilDone(random, async (progress, cancellation) =>
                await DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), database, new DatabaseOptions { Ingest = Steps }, progress, cancellation));
            TestContext.Current.TestOutputHelper?.WriteLine($"stopped {stops} times");
            Assert.Equal(Content(_folder.File("whole")), Content(database));
            Assert.Equal(File.ReadAllText(_folder.File("whole_skipped.tsv")), File.ReadAllText(database + "_skipped.tsv"));
            Assert.True(VectorCollection.Verify(database).Damages.Count == 0);
        }
    }

    [Fact]
    public async Task Build_StateLostBehindACommit_DoesNotEmbedTwice()
    {
        // As after a crash between the commit of the collection and that of the state.
        string path = _folder.Write("in.fa", RandomFasta(new Random(1), 30));
        string database = _folder.File("db");
        using var cancellation = new CancellationTokenSource();
        string state = Path.Combine(database, "ingest.json");
        string? early = null;
        var progress = new InlineProgress(p =>
        {
            early ??= p.Records >= 5 ? File.ReadAllText(state) : null;
            if (p.Records >= 20)
            {
                cancellation.Cancel();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), database, new DatabaseOptions { Ingest = Steps }, progress, cancellation.Token));
        Assert.NotNull(early);
        File.WriteAllText(state, early);
        IngestReport report = await DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), database, cancellationToken: Cancellation);
        await DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), _folder.File("whole"), cancellationToken: Cancellation);
        Assert.Equal(Content(_folder.File("whole")), Content(database));
        int total = SequenceInput.Open([path]).Read().Sum(item => item.Record?.Sequence.Residues.Length ?? 0);
        Assert.True(report.Residues < total / 2, $"{report.Residues} of {total} residues were embedded again.");
    }

    [Fact]
    public async Task Build_Again_SaysItIsComplete()
    {
        string path = _folder.Write("in.fa", ">a\nMKV\n>b\n1\n>a\nMKV\n");
        IngestReport first = await Build(path);
        IngestReport report = await Build(path);
        Assert.True(report.AlreadyComplete);
        Assert.Equal((1, 2), (report.Rows, report.RejectedCount));
        Assert.Equal(first.Rejected, report.Rejected);
    }

    [Fact]
    public async Task Build_OtherInputs_AreRefusedUnlessOverwritten()
    {
        string path = _folder.Write("in.fa", ">a\nMKV\n");
        string other = _folder.Write("other.fa", ">b\nMKVL\n>c\nAC\n");
        await Build(path);
        var exception = await Assert.ThrowsAsync<ClssIngestException>(() => Build(other));
        Assert.Contains("is a database already, but it was made from", exception.Message, StringComparison.Ordinal);
        Assert.Contains("--overwrite", exception.Message, StringComparison.Ordinal);
        File.AppendAllText(path, ">d\nMK\n");
        Assert.Contains("in.fa has changed (7 bytes then, 13 now)", (await Assert.ThrowsAsync<ClssIngestException>(() => Build(path))).Message, StringComparison.Ordinal);

        IngestReport report = await Build(other, overwrite: true);
        Assert.Equal(2, report.Rows);
        using VectorCollection collection = VectorCollection.Open(_folder.File("db"));
        Assert.Equal(["b", "c"], collection.ReadAll().Select(entry => entry.Key));
        Assert.Equal(["db", "in.fa", "other.fa"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Build_OverwriteInterrupted_KeepsTheOldUntilTheNewIsComplete()
    {
        string path = _folder.Write("in.fa", ">a\nMKV\n");
        await Build(path);
        string other = _folder.Write("other.fa", RandomFasta(new Random(2), 30));
        var options = new DatabaseOptions { Overwrite = true, Ingest = Steps };
        using var cancellation = new CancellationTokenSource();
        var progress = new InlineProgress(p => { if (p.Records > 5) { cancellation.Cancel(); } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([other]), _folder.File("db"), options, progress, cancellation.Token));
        Assert.Equal(["a"], Keys());
        IngestReport report = await DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([other]), _folder.File("db"), options, cancellationToken: Cancellation);
        Assert.True(report.ResumedRecords > 0);
        Assert.True(Keys().Length > 20);
        Assert.Equal(_folder.File("db"), Assert.Single(Directory.GetDirectories(_folder.Path)));

        string[] Keys()
        {
            using VectorCollection collection = VectorCollection.Open(_folder.File("db"));
            return [.. collection.ReadAll().Select(entry => entry.Key)];
        }
    }

    [Fact]
    public async Task Build_InputChangedSinceTheInterruption_IsNoticed()
    {
        string text = RandomFasta(new Random(3), 30);
        string path = _folder.Write("in.fa", text);
        using var cancellation = new CancellationTokenSource();
        var progress = new InlineProgress(p => { if (p.Records > 10) { cancellation.Cancel(); } });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), _folder.File("db"), new DatabaseOptions { Ingest = Steps }, progress, cancellation.Token));
        int residue = text.IndexOf('\n', StringComparison.Ordinal) + 1;
        _folder.Write("in.fa", text[..residue] + (text[residue] == 'A' ? 'C' : 'A') + text[(residue + 1)..]);
        Assert.Contains("The inputs are not those of the interrupted run", (await Assert.ThrowsAsync<ClssIngestException>(() => Build(path))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(">a\n", "Nothing could be taken")]
    [InlineData("nothing", "It looks like a bare sequence")]
    public async Task Build_NothingToStore_LeavesNoDatabase(string text, string message)
    {
        string path = _folder.Write("in.fa", text);
        Assert.Contains(message, (await Assert.ThrowsAsync<ClssIngestException>(() => Build(path))).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("db")));
        File.WriteAllText(path, ">a\nMK\n");
        Assert.Equal(1, (await Build(path)).Rows);
    }

    [Fact]
    public async Task Build_IntoAFolderOfOtherFiles_IsRefused()
    {
        string path = _folder.Write("in.fa", ">a\nMK\n");
        Directory.CreateDirectory(_folder.File("db"));
        File.WriteAllText(_folder.File("db", "thesis.txt"), "years of work");
        foreach (bool overwrite in (bool[])[false, true])
        {
            Assert.Contains("not a database", (await Assert.ThrowsAsync<ClssIngestException>(() => Build(path, overwrite))).Message, StringComparison.Ordinal);
        }

        Assert.True(File.Exists(_folder.File("db", "thesis.txt")));
    }

    [Fact]
    public async Task Build_DamagedState_IsNamed()
    {
        string path = _folder.Write("in.fa", ">a\nMK\n");
        await Build(path);
        foreach (string damage in (string[])["", "{", "{}", "null", "[1]", "{\"format\":\"clss-ingest\",\"version\":9,\"model\":\"\",\"options\":\"\",\"inputs\":[]}"])
        {
            File.WriteAllText(_folder.File("db", "ingest.json"), damage);
            Assert.Contains("ingest.json", (await Assert.ThrowsAsync<ClssIngestException>(() => Build(path))).Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, (await Build(path, overwrite: true)).Rows);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_Embeddings_AreThoseOfTheModelInInputOrder(bool pooled)
    {
        string path = _folder.Write("in.fa", ">a\nMKVLT\n>b\nM1\n>a\nACD\n");
        var writer = new EmbeddingWriter(_embedder, new EmbeddingOptions { Pooled = pooled });
        IngestReport report = await writer.WriteAsync(SequenceInput.Open([path]), _folder.File("out.npy"), cancellationToken: Cancellation);
        Assert.Equal((2, 1), (report.Rows, report.RejectedCount));
        Assert.Equal(["row\tid\tmodality\tlength", "0\ta\tsequence\t5", "1\ta\tsequence\t3"], File.ReadAllLines(_folder.File("out.ids.tsv")));
        Assert.Equal(2, File.ReadAllLines(_folder.File("out_skipped.tsv")).Length);
        Assert.Equal(["in.fa", "out.ids.tsv", "out.npy", "out_skipped.tsv"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        float[] expected = new float[2 * (pooled ? _embedder.PooledDimension : _embedder.Dimension)];
        ProteinSequence[] sequences = [new("MKVLT"), new("ACD")];
        if (pooled)
        {
            _embedder.PoolBatch(sequences, expected, Cancellation);
        }
        else
        {
            _embedder.EmbedBatch(sequences, expected, Cancellation);
        }

        using NpyReader reader = NpyReader.Open(_folder.File("out.npy"));
        float[] read = new float[expected.Length];
        Assert.Equal(2, reader.ReadRows(read));
        Assert.Equal(expected, read);
    }

    [Fact]
    public async Task Write_CancelledAnywhereAndContinued_LeavesTheSameBytes()
    {
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        string path = _folder.Write("in.fa", RandomFasta(random, 40));
        await new EmbeddingWriter(_embedder).WriteAsync(SequenceInput.Open([path]), _folder.File("whole.npy"), cancellationToken: Cancellation);
        var writer = new EmbeddingWriter(_embedder, new EmbeddingOptions { Ingest = Steps });
        for (int round = 0; round < 6; round++)
        {
            string output = _folder.File($"out{round}.npy");
            await RunUntilDone(random, async (progress, cancellation) =>
            {
                try
                {
                    return await writer.WriteAsync(SequenceInput.Open([path]), output, progress, cancellation);
                }
                finally
                {
                    TearTail(output + ".partial", random);
                    TearTail(_folder.File($"out{round}.ids.tsv.partial"), random);
                }
            });
            Assert.Equal(File.ReadAllBytes(_folder.File("whole.npy")), File.ReadAllBytes(output));
            Assert.Equal(File.ReadAllText(_folder.File("whole.ids.tsv")), File.ReadAllText(_folder.File($"out{round}.ids.tsv")));
            Assert.Equal(File.ReadAllText(_folder.File("whole_skipped.tsv")), File.ReadAllText(_folder.File($"out{round}_skipped.tsv")));
        }

        // What a killed process had written behind its last commit is cut off.
        static void TearTail(string path, Random random)
        {
            if (File.Exists(path))
            {
                byte[] torn = new byte[random.Next(200)];
                random.NextBytes(torn);
                using FileStream stream = File.Open(path, FileMode.Append);
                stream.Write(torn);
            }
        }
    }

    [Fact]
    public void BuildFromVectors_WithMetadata_StoresUnitVectorsAndTypedColumns()
    {
        WriteArray("v.npy", 3, [3, 0, 4, 0, float.NaN, 1, 0, 5, 0]);
        string table = _folder.Write("m.tsv", "id\tlength\tscore\tname\n0007\t10\t0.5\tx\n1e10\t11\t1\t\nc\t\t2\ty\n");
        IngestReport report = DatabaseBuilder.BuildFromVectors(_folder.File("v.npy"), table, _folder.File("db"), "sha256:x", "other", cancellationToken: Cancellation);
        Assert.Equal((2, 1), (report.Rows, report.RejectedCount));
        Assert.Contains("\t1e10\tbad vector\trow 1", File.ReadAllText(_folder.File("db_skipped.tsv")), StringComparison.Ordinal);
        using VectorCollection collection = VectorCollection.Open(_folder.File("db"));
        List<VectorEntry> entries = [.. collection.ReadAll()];
        Assert.Equal(["0007", "c"], entries.Select(entry => entry.Key));
        Assert.Equal([0.6f, 0f, 0.8f], entries[0].Vector.ToArray());
        Assert.Equal(["length:Integer", "score:Real", "name:Text"], collection.Info.Columns.Select(column => $"{column.Name}:{column.Type}"));
        Assert.Equal(("sha256:x", "other", "sequence"), (collection.Info.Model, collection.Info.ModelName, entries[0].Partition));
        Assert.False(entries[1].Metadata.ContainsKey("length"));
    }

    [Fact]
    public void BuildFromVectors_FilesThatDoNotFit_AreRefused()
    {
        WriteArray("v.npy", 2, [1, 2, 3, 4]);
        string table = _folder.Write("m.tsv", "id\na\n");
        Assert.Contains("has 1 rows", Error(table), StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("db")));
        Assert.Equal(2, DatabaseBuilder.BuildFromVectors(_folder.File("v.npy"), null, _folder.File("db"), cancellationToken: Cancellation).Rows);
        Assert.Contains("--overwrite", Error(null), StringComparison.Ordinal);
        Assert.Equal(2, DatabaseBuilder.BuildFromVectors(_folder.File("v.npy"), null, _folder.File("db"), options: new DatabaseOptions { Overwrite = true }, cancellationToken: Cancellation).Rows);
        using VectorCollection collection = VectorCollection.Open(_folder.File("db"));
        Assert.Equal(["0", "1"], collection.ReadAll().Select(entry => entry.Key));

        string Error(string? metadata) =>
            Assert.Throws<ClssIngestException>(() => DatabaseBuilder.BuildFromVectors(_folder.File("v.npy"), metadata, _folder.File("db"), cancellationToken: Cancellation)).Message;
    }

    [Fact]
    public async Task Run_OtherModel_IsRefused()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), new CollectionOptions { Dimension = _embedder.Dimension, Model = "sha256:other" });
        await Assert.ThrowsAsync<ModelMismatchException>(() => new IngestPipeline(_embedder, collection).RunAsync(SequenceInput.FromRecords("mine", []), cancellationToken: Cancellation));
    }

    [Fact]
    public async Task Run_OwnRecords_AreStoredAndProgressIsReported()
    {
        using VectorCollection collection = VectorCollection.Create(_folder.File("db"), new CollectionOptions { Dimension = _embedder.Dimension, Model = _embedder.Fingerprint });
        List<IngestProgress> seen = [];
        IEnumerable<IngestItem> items = Enumerable.Range(0, 10).Select(i => new IngestItem(new DomainRecord { Key = $"k{i}", Sequence = new ProteinSequence("MKVLT") }));
        IngestReport report = await new IngestPipeline(_embedder, collection).RunAsync(SequenceInput.FromRecords("mine", items), new InlineProgress(seen.Add), Cancellation);
        Assert.Equal(10, report.Rows);
        Assert.Equal((10, 0, 50), (seen[^1].Records, seen[^1].Rejected, seen[^1].Residues));
        Assert.Null(seen[^1].Fraction);
        Assert.True(seen[^1].ResiduesPerSecond > 0);
    }

    private Task<IngestReport> Build(string path, bool overwrite = false) =>
        DatabaseBuilder.BuildAsync(_embedder, SequenceInput.Open([path]), _folder.File("db"), new DatabaseOptions { Overwrite = overwrite }, cancellationToken: Cancellation);

    private void WriteArray(string name, int columns, float[] values)
    {
        using FileStream stream = File.Create(_folder.File(name));
        var writer = new NpyWriter(stream, columns);
        writer.Write(values);
        writer.Finish();
    }

    /// <summary>Cancels at random records until the work is done. Returns how often it was stopped.</summary>
    private static async Task<int> RunUntilDone(Random random, Func<IProgress<IngestProgress>, CancellationToken, Task<IngestReport>> run)
    {
        for (int stops = 0; ; stops++)
        {
            using var cancellation = new CancellationTokenSource();
            long stopAfter = random.Next(2, 25);
            var progress = new InlineProgress(p =>
            {
                if (p.Records - p.ResumedRecords >= stopAfter)
                {
                    cancellation.Cancel();
                }
            });
            try
            {
                IngestReport report = await run(progress, cancellation.Token);
                Assert.True(report.Rows > 0);
                return stops;
            }
            catch (OperationCanceledException)
            {
                Assert.True(stops < 1000, "It does not get on.");
            }
        }
    }

    private static string RandomFasta(Random random, int records)
    {
        var text = new StringBuilder();
        for (int i = 0; i < records; i++)
        {
            string sequence = string.Concat(Enumerable.Range(0, random.Next(1, 120)).Select(_ => "ACDEFGHIKLMNPQRSTVWY"[random.Next(20)]));
            text.Append(random.Next(8) switch
            {
                0 => $">bad{i}\n{sequence}1\n",
                1 => $">p{random.Next(i + 1)} maybe a duplicate\n{sequence}\n",
                2 => $">sp|Q{i:D5}|X_HUMAN Name{i} OS=Homo sapiens OX=9606\n{sequence}\n",
                _ => $">p{i}\n{sequence}\n",
            });
        }

        return text.Append(">bad\n1\n").ToString();
    }

    private static string[] Content(string database)
    {
        using VectorCollection collection = VectorCollection.Open(database);
        return
        [
            string.Join(' ', collection.Info.Columns.Select(column => $"{column.Name}:{column.Type}")),
            .. collection.ReadAll().Select(entry =>
                $"{entry.Partition}/{entry.Key} {Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(entry.Vector.Span))} " +
                string.Join(';', entry.Metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))),
        ];
    }

    private sealed class InlineProgress : IProgress<IngestProgress>
    {
        private readonly Action<IngestProgress> _report;

        public InlineProgress(Action<IngestProgress> report) => _report = report;

        public void Report(IngestProgress value) => _report(value);
    }
}
