using Clss.Embedder;
using Clss.Embedder.Inputs;
using Clss.Ingest;
using Clss.Query.Scoring;

namespace Clss.Query.Tests.Scoring;

public sealed class PairScoringTests : IDisposable
{
    private readonly ClssEmbedder _embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = 1 });

    [Fact]
    public void Embed_OfMoreThanABatch_KeepsOrderAndModalities()
    {
        Assert.True(PairScoring.TakesStructures(_embedder));
        var random = new Random(5);
        DomainRecord[] records =
        [
            .. Enumerable.Range(0, 150).Select(i => new DomainRecord { Key = $"p{i}", Sequence = Sequence(random), Backbone = i % 3 == 0 ? Helix(12 + (i % 5)) : null }),
        ];
        ProteinVectors[] vectors = [.. PairScoring.Embed(_embedder, records, TestContext.Current.CancellationToken)];
        Assert.Equal(records.Select(record => record.Key), vectors.Select(protein => protein.Name));
        for (int i = 0; i < records.Length; i++)
        {
            Modality[] expected = records[i].Backbone is null ? [Modality.Sequence] : [Modality.Sequence, Modality.Structure];
            Assert.Equal(expected, vectors[i].Vectors.Select(vector => vector.Modality));
            Assert.Equal(_embedder.Embed(records[i].Sequence).Vector.ToArray(), vectors[i].Vectors[0].Vector.ToArray());
            if (records[i].Backbone is { } backbone)
            {
                Assert.Equal(_embedder.Embed(backbone).Vector.ToArray(), vectors[i].Vectors[1].Vector.ToArray());
            }
        }
    }

    [Fact]
    public void Compare_OfTwoSets_GivesEveryPairOfModalities()
    {
        ProteinVectors a = new("a", [Vector(Modality.Sequence, 1, 0), Vector(Modality.Structure, 0, 1)]);
        ProteinVectors b = new("b", [Vector(Modality.Sequence, 0.6f, 0.8f)]);
        Assert.Equal(
            [
                new("a", "a", Modality.Sequence, Modality.Sequence, 1),
                new("a", "a", Modality.Sequence, Modality.Structure, 0),
                new("a", "a", Modality.Structure, Modality.Sequence, 0),
                new("a", "a", Modality.Structure, Modality.Structure, 1),
                new("a", "b", Modality.Sequence, Modality.Sequence, 0.6f),
                new("a", "b", Modality.Structure, Modality.Sequence, 0.8f),
            ],
            PairScoring.Compare([a], [a, b]));
    }

    [Fact]
    public void Compare_OfDifferentLengths_IsRefused()
    {
        ProteinVectors a = new("a", [Vector(Modality.Sequence, 1, 0)]);
        ProteinVectors b = new("b", [Vector(Modality.Sequence, 1, 0, 0)]);
        ClssQueryException exception = Assert.Throws<ClssQueryException>(() => PairScoring.Compare([a], [b]).ToList());
        Assert.Contains("a has 2 numbers, that of b has 3", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compare_ReadsQueriesAsItGoes()
    {
        int read = 0;
        IEnumerable<ProteinVectors> queries = Enumerable.Range(0, 1000).Select(i =>
        {
            read++;
            return new ProteinVectors($"q{i}", [Vector(Modality.Sequence, 1)]);
        });
        Assert.Equal(3, PairScoring.Compare(queries, [new ProteinVectors("t", [Vector(Modality.Sequence, 1)])]).Take(3).Count());
        Assert.InRange(read, 3, 4);
    }

    public void Dispose() => _embedder.Dispose();

    private static Embedding Vector(Modality modality, params float[] values) => new() { Vector = values, Modality = modality };

    private static ProteinSequence Sequence(Random random) => new(new string([.. Enumerable.Range(0, 20 + random.Next(20)).Select(_ => "ACDEFGHIKLMNPQRSTVWY"[random.Next(20)])]));

    /// <summary>An ideal alpha helix: 100 degrees and 1.5 Å a residue.</summary>
    private static Backbone Helix(int residues)
    {
        (float Radius, float Angle, float Rise)[] atoms = [(1.55f, -0.48f, -0.87f), (2.28f, 0, 0), (1.66f, 0.46f, 1.11f)];
        float[] coordinates = [.. Enumerable.Range(0, residues).SelectMany(i => atoms.SelectMany(atom => (float[])
        [
            atom.Radius * MathF.Cos((i * 1.7453f) + atom.Angle), atom.Radius * MathF.Sin((i * 1.7453f) + atom.Angle), (1.5f * i) + atom.Rise,
        ]))];
        return Backbone.FromNCaC(coordinates);
    }
}
