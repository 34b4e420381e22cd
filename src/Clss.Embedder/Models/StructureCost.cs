using Clss.Embedder.Weights;

namespace Clss.Embedder.Models;

/// <summary>Counts the work and memory of a structure tower from its dimensions.</summary>
internal sealed class StructureCost(StructureSource source)
{
    /// <summary>The rate of the whole network as a share of that of a single linear layer, measured at the real ESM3's size: benchmarks/structures-embedding.md.</summary>
    public const double ShareOfLinearRate = 0.85;

    /// <summary>Positions of a batch, unless one structure is longer; see <see cref="StructureTower"/>.</summary>
    private const int PositionsPerBatch = 2048;

    private readonly Esm3Config _tower = source.Tower;
    private readonly StructureEncoderConfig _encoder = source.Encoder;

    /// <summary>Bytes of the weights as they lie in memory: bfloat16 as stored, everything else in single precision.</summary>
    public long WeightBytes => source.TowerWeights.Tensors.Values.Where(IsNeeded).Concat(source.EncoderWeights.Tensors.Values)
        .Sum(info => info.Count * (info.Type == WeightType.BFloat16 && info.Shape.Count == 2 ? sizeof(ushort) : sizeof(float)));

    /// <summary>Floating-point operations of one structure.</summary>
    public double Operations(int residues)
    {
        double positions = residues + 2.0, width = _tower.Width, vectors = _tower.VectorHeads;
        double perPosition = _tower.Layers * ((4 * width * width) + (3 * width * _tower.InnerWidth)) + (18 * vectors * width);
        double attention = _tower.Layers * 2 * width * positions;
        return 2 * ((positions * (perPosition + attention)) + (residues * EncoderPerResidue()));
    }

    /// <summary>Bytes of activations, at most, of structures of which the longest has so many residues, and all together so many positions.</summary>
    public long WorkBytes(long longest, long total)
    {
        // The stream, queries, keys, values, their mixture and the encoder's rows for every position, and chunks of some 8 MiB each.
        const long streams = 6, chunks = 40L << 20;
        long positions = Math.Max(longest + 2, Math.Min(total, PositionsPerBatch));
        return (positions * streams * _tower.Width * sizeof(float)) + chunks;
    }

    /// <summary>Multiply-adds; the first block's projections come from a table, and the last block ends with the residue itself.</summary>
    private double EncoderPerResidue()
    {
        double width = _encoder.Width, rows = _encoder.Neighbors, heads = _encoder.VectorHeads;
        double projections = 15 * heads * width, rest = (3 * heads * width) + (3 * width * _encoder.InnerWidth);
        return ((_encoder.Layers - 1) * rows * (projections + rest)) + rest + (_encoder.OutputWidth * (width + _encoder.Codes));
    }

    private static bool IsNeeded(WeightInfo info) => !info.Name.StartsWith("output_heads.", StringComparison.Ordinal);
}
