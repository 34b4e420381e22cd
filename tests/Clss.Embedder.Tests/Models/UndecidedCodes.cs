using Clss.Embedder.Inputs;
using Clss.Embedder.Models.Esm3;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Tests.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Models;

/// <summary>Embeds a backbone with other choices where the two nearest codes are almost equally near.</summary>
internal sealed class UndecidedCodes(string folder)
{
    /// <summary>More undecided residues than this in one domain would not be chance.</summary>
    private const int MostResidues = 8;

    /// <summary>The smallest largest difference to a vector over all choices of undecided codes.</summary>
    public double SmallestDifference(Backbone backbone, float margin, ClssEmbedder embedder, float[] wanted)
    {
        using StructureSource source = StructureSource.Open(folder);
        using var backend = new CpuTensorBackend(2);
        var encoder = new StructureEncoder(backend, source.Encoder, new WeightScope(source.EncoderWeights));
        var model = new Esm3Model(backend, source.Tower, new WeightScope(source.TowerWeights));
        StructureBatch batch = StructureBatch.Build([backbone]);
        using IDisposable scope = backend.BeginScope();
        float[] prequant = TensorBackendTests.Download(backend, encoder.Quantize(encoder.Hidden(batch.Frames)));
        (int[] best, List<(int Residue, int Second)> open) = Choices(source, prequant, margin);
        Assert.InRange(open.Count, 0, MostResidues);
        double smallest = double.MaxValue;
        for (int choice = 0; choice < 1 << open.Count; choice++)
        {
            int[] codes = [.. best];
            for (int i = 0; i < open.Count; i++)
            {
                codes[open[i].Residue] = (choice >> i & 1) == 1 ? open[i].Second : codes[open[i].Residue];
            }

            smallest = Math.Min(smallest, Difference(backend, model, batch, codes, embedder, wanted));
        }

        return smallest;
    }

    /// <summary>By how little, in Å2, the last neighbour of some residue is nearer than the first one left out.</summary>
    public static double SmallestTie(Backbone backbone)
    {
        const int neighbors = 16;
        BackboneFrames frames = BackboneFrames.Build(backbone);
        double smallest = double.MaxValue;
        for (int i = 0; frames.Length > neighbors && i < frames.Length; i++)
        {
            double[] squares = [.. Enumerable.Range(0, frames.Length)
                .Select(j => Enumerable.Range(0, 3).Sum(k => Math.Pow(frames.Translation(i)[k] - (double)frames.Translation(j)[k], 2)))
                .Order()];
            smallest = Math.Min(smallest, squares[neighbors] - squares[neighbors - 1]);
        }

        return smallest;
    }

    private static double Difference(CpuTensorBackend backend, Esm3Model model, StructureBatch batch, int[] codes, ClssEmbedder embedder, float[] wanted)
    {
        using IDisposable scope = backend.BeginScope();
        Tensor frames = backend.Allocate(batch.Lengths.Total, RigidFrames.Columns);
        backend.Write(batch.FrameRows(), frames);
        Tensor pooled = backend.Allocate(1, model.Config.Width);
        backend.MeanPool(model.Forward(batch.Tokens(codes), batch.HasAnyAtom, frames, batch.Lengths), batch.Lengths, pooled);
        float[] vector = new float[wanted.Length];
        embedder.ProjectPooled(Modality.Structure, TensorBackendTests.Download(backend, pooled), vector);
        return vector.Zip(wanted, (a, b) => Math.Abs(a - (double)b)).Max();
    }

    private static (int[] Best, List<(int Residue, int Second)> Open) Choices(StructureSource source, float[] prequant, float margin)
    {
        int width = source.Encoder.OutputWidth;
        float[] codebook = new WeightScope(source.EncoderWeights).Read("codebook.embeddings", source.Encoder.Codes, width);
        int[] best = new int[prequant.Length / width];
        List<(int Residue, int Second)> open = [];
        for (int residue = 0; residue < best.Length; residue++)
        {
            (double Distance, int Code)[] nearest = [.. Enumerable.Range(0, source.Encoder.Codes)
                .Select(code => (Enumerable.Range(0, width).Sum(k => Math.Pow(prequant[(residue * width) + k] - (double)codebook[(code * width) + k], 2)), code))
                .OrderBy(pair => pair.Item1).Take(2)];
            best[residue] = nearest[0].Code;
            if (nearest[1].Distance - nearest[0].Distance < margin)
            {
                open.Add((residue, nearest[1].Code));
            }
        }

        return (best, open);
    }
}
