using System.Text.Json;
using Clss.Embedder.Inputs;
using Clss.Embedder.Models;
using Clss.Embedder.Models.Esm3;
using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;
using Clss.Embedder.Tests.Tensors;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Embedder.Tests.Models;

/// <summary>The structure side on a tiny checkpoint against the original Python, stage by stage.</summary>
public class Esm3GoldenTests
{
    private readonly DifferenceTable _table = new("ESM3, tiny, 7 structures");

    [Fact]
    [Trait("Tier", "any")]
    public void Forward_OnTinyCheckpoint_EqualsGolden()
    {
        using var backend = new CpuTensorBackend(2);
        Compare(backend);
    }

    [Fact]
    public void Forward_OnReferenceBackend_EqualsGolden()
    {
        using var backend = new ReferenceTensorBackend();
        Compare(backend);
    }

    /// <summary>The trunk's weights stay bfloat16, the encoder's are single precision, as the golden file was computed.</summary>
    [Fact]
    [Trait("Tier", "any")]
    public void Pool_OfBFloat16Checkpoint_EqualsGolden()
    {
        string folder = Repository.SharedPath("golden", "esm3-tiny");
        using TorchCheckpoint narrow = TorchCheckpoint.Open(Path.Combine(folder, "esm3_sm_open_v1.bf16.pth"));
        Assert.NotNull(new WeightScope(narrow).ReadNarrow("transformer.blocks.0.attn.out_proj.weight", 48, 48));
        using StructureSource source = StructureSource.Open(folder);
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.SharedPath("golden", "esm3-tiny.golden.safetensors"));
        using SafetensorsFile means = SafetensorsFile.Open(Repository.SharedPath("golden", "esm3-tiny.bf16-weights.golden.safetensors"));
        using var backend = new CpuTensorBackend(2);
        StructureTower tower = new(
            backend,
            new StructureEncoder(backend, source.Encoder, new WeightScope(source.EncoderWeights)),
            new Esm3Model(backend, source.Tower, new WeightScope(narrow)));
        string[] ids = ReadIds();
        float[] pooled = new float[ids.Length * tower.Dimension];
        tower.Pool([.. ids.Select(id => Backbone.FromAtom37(Read(golden, $"{id}.coordinates")))], pooled);
        for (int i = 0; i < ids.Length; i++)
        {
            _table.Compare("mean_embedding, bfloat16", 1e-4, Read(means, $"{ids[i]}.mean_embedding"), pooled.AsSpan(i * tower.Dimension, tower.Dimension), ids[i]);
        }

        _table.PrintAndAssert();
    }

    /// <summary>All structures packed into one batch, each stage compared.</summary>
    private void Compare(ITensorBackend backend)
    {
        using StructureSource source = StructureSource.Open(Repository.SharedPath("golden", "esm3-tiny"));
        using SafetensorsFile golden = SafetensorsFile.Open(Repository.SharedPath("golden", "esm3-tiny.golden.safetensors"));
        string[] ids = ReadIds();
        Backbone[] backbones = [.. ids.Select(id => Backbone.FromAtom37(Read(golden, $"{id}.coordinates")))];
        StructureBatch batch = StructureBatch.Build(backbones);
        var encoder = new StructureEncoder(backend, source.Encoder, new WeightScope(source.EncoderWeights));
        var model = new Esm3Model(backend, source.Tower, new WeightScope(source.TowerWeights));

        using IDisposable scope = backend.BeginScope();
        CompareFrames(golden, ids, batch);
        CompareEncoder(backend, golden, ids, batch, encoder, out int[] codes);
        int[] tokens = batch.Tokens(codes);
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(GoldenIntegers.Read(golden, $"{ids[i]}.structure_tokens"), tokens.AsSpan(batch.Lengths.Start(i), batch.Lengths.Length(i)).ToArray());
        }

        Tensor frames = backend.Allocate(batch.Lengths.Total, RigidFrames.Columns);
        backend.Write(batch.FrameRows(), frames);
        Tensor x = model.Embed(tokens, batch.HasAnyAtom);
        CompareRows(backend, golden, ids, batch.Lengths, "input_embedding", 5e-6, x);
        CompareFirstBlock(backend, golden, ids, batch.Lengths, model, x, frames);
        for (int block = 0; block < model.Config.Layers; block++)
        {
            model.ApplyBlock(block, x, frames, batch.Lengths);
            CompareRows(backend, golden, ids, batch.Lengths, $"block{block}", 5e-4, x);
            CompareMeans(backend, golden, ids, batch.Lengths, $"block{block}_mean", 1e-4, x);
        }

        CompareRows(backend, golden, ids, batch.Lengths, "pre_norm", 5e-4, x);
        CompareMeans(backend, golden, ids, batch.Lengths, "mean_embedding", 1e-4, x);
        CompareMeans(backend, golden, ids, batch.Lengths, "mean_embedding_f64", 1e-4, x);
        CompareMeans(backend, golden, ids, batch.Lengths, "mean_embedding_normalized_coords", 5e-4, x);
        model.ApplyFinalNorm(x);
        CompareRows(backend, golden, ids, batch.Lengths, "post_norm", 1e-4, x);
        _table.PrintAndAssert();
    }

    private void CompareFrames(SafetensorsFile golden, string[] ids, StructureBatch batch)
    {
        float[] all = batch.FrameRows();
        for (int i = 0; i < ids.Length; i++)
        {
            BackboneFrames frames = batch.Frames[i];
            Assert.Equal(GoldenIntegers.ReadFlags(golden, $"{ids[i]}.frame_mask"), Enumerable.Range(0, frames.Length).Select(frames.IsValid));
            ReadOnlySpan<float> padded = all.AsSpan(batch.Lengths.Start(i) * RigidFrames.Columns, batch.Lengths.Length(i) * RigidFrames.Columns);
            bool[] paddedMask = [.. Enumerable.Range(0, batch.Lengths.Length(i)).Select(row => all[((batch.Lengths.Start(i) + row) * RigidFrames.Columns) + RigidFrames.Valid] != 0)];
            Assert.Equal(GoldenIntegers.ReadFlags(golden, $"{ids[i]}.esm3_frame_mask"), paddedMask);
            CompareFrameRows("frame", frames.Rows, "frame", ids[i], row => frames.IsValid(row));
            CompareFrameRows("esm3_frame", padded, "esm3_frame", ids[i], row => paddedMask[row]);
            CompareNeighbors(golden, ids[i], frames);
        }

        void CompareFrameRows(string name, ReadOnlySpan<float> rows, string quantity, string id, Func<int, bool> isValid)
        {
            float[] rotations = Read(golden, $"{id}.{name}_rot"), translations = Read(golden, $"{id}.{name}_trans");
            for (int row = 0; row < rotations.Length / 9; row++)
            {
                // Invalid rows have the frame of averaged atoms; begin and end, which have no atoms, are not compared there.
                ReadOnlySpan<float> own = rows.Slice(row * RigidFrames.Columns, RigidFrames.Columns);
                if (isValid(row))
                {
                    _table.Compare($"{quantity}_rot, valid", 5e-6, rotations.AsSpan(row * 9, 9), own[..9], id);
                    _table.Compare($"{quantity}_trans, valid", 1e-5, translations.AsSpan(row * 3, 3), own.Slice(RigidFrames.Translation, 3), id);
                }
                else if (quantity == "frame")
                {
                    _table.Compare($"{quantity}_rot, invalid", 1e-3, rotations.AsSpan(row * 9, 9), own[..9], id);
                    _table.Compare($"{quantity}_trans, invalid", 1e-3, translations.AsSpan(row * 3, 3), own.Slice(RigidFrames.Translation, 3), id);
                }
            }
        }
    }

    /// <summary>On rows of valid residues, up to their number: past it the original's order is not stable.</summary>
    private static void CompareNeighbors(SafetensorsFile golden, string id, BackboneFrames frames)
    {
        int[] expected = GoldenIntegers.Read(golden, $"{id}.knn_edges");
        int columns = expected.Length / frames.Length;
        int[] found = new int[16];
        for (int residue = 0; residue < frames.Length; residue++)
        {
            if (frames.IsValid(residue))
            {
                int count = Neighborhoods.Find(frames, residue, found);
                Assert.Equal(Math.Min(columns, frames.ValidCount), count);
                Assert.Equal(expected.AsSpan(residue * columns, count).ToArray(), found[..count]);
            }
        }
    }

    private void CompareEncoder(ITensorBackend backend, SafetensorsFile golden, string[] ids, StructureBatch batch, StructureEncoder encoder, out int[] codes)
    {
        Tensor hidden = encoder.Hidden(batch.Frames);
        Tensor quantized = encoder.Quantize(hidden);
        codes = new int[batch.Residues];
        encoder.Encode(batch.Frames, codes);
        int start = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            int length = batch.Frames[i].Length;
            float[] prequant = TensorBackendTests.Download(backend, quantized.SliceRows(start, length));
            _table.Compare("encoder_query_hidden", 3e-4, Read(golden, $"{ids[i]}.encoder_query_hidden"), TensorBackendTests.Download(backend, hidden.SliceRows(start, length)), ids[i]);
            _table.Compare("encoder_prequant", 3e-4, Read(golden, $"{ids[i]}.encoder_prequant"), prequant, ids[i]);
            _table.Compare("encoder_prequant_f64", 3e-4, Read(golden, $"{ids[i]}.encoder_prequant_f64"), prequant, ids[i]);
            CompareMargins(golden, ids[i], prequant, encoder.Config);
            CompareNeighborhoods(backend, golden, ids[i], batch.Frames[i], encoder);
            start += length;
        }
    }

    /// <summary>How much further the second-best code is, in squared distance.</summary>
    private void CompareMargins(SafetensorsFile golden, string id, float[] prequant, StructureEncoderConfig config)
    {
        using StructureSource source = StructureSource.Open(Repository.SharedPath("golden", "esm3-tiny"));
        float[] codebook = Read(source.EncoderWeights, "codebook.embeddings");
        int width = config.OutputWidth;
        float[] margins = new float[prequant.Length / width];
        for (int residue = 0; residue < margins.Length; residue++)
        {
            double[] distances = [.. Enumerable.Range(0, config.Codes).Select(code => Enumerable.Range(0, width).Sum(
                k => Math.Pow(prequant[(residue * width) + k] - (double)codebook[(code * width) + k], 2))).Order().Take(2)];
            margins[residue] = (float)(distances[1] - distances[0]);
        }

        _table.Compare("code_margin", 2e-3, Read(golden, $"{id}.code_margin"), margins, id);
    }

    /// <summary>The inside of the first four neighbourhoods, as far as their rows are those of residues with frames.</summary>
    private void CompareNeighborhoods(ITensorBackend backend, SafetensorsFile golden, string id, BackboneFrames frames, StructureEncoder encoder)
    {
        if (!golden.Tensors.TryGetValue($"{id}.encoder_relpos", out WeightInfo? info))
        {
            return;
        }

        int rows = (int)info.Shape[1], width = (int)info.Shape[2];
        for (int residue = 0; residue < info.Shape[0]; residue++)
        {
            if (!frames.IsValid(residue))
            {
                continue;
            }

            NeighborhoodBatch batch = new(encoder.Config.Neighbors, 1536);
            batch.Add(frames, residue);
            foreach ((string quantity, int blocks) in new[] { ("encoder_relpos", 0), ("encoder_block0_first4_neighbourhoods", 1), ("encoder_block1_first4_neighbourhoods", 2) })
            {
                ReadOnlySpan<float> expected = Read(golden, $"{id}.{quantity}").AsSpan(residue * rows * width, batch.Rows * width);
                _table.Compare(quantity, 3e-4, expected, TensorBackendTests.Download(backend, encoder.Neighborhoods(batch, blocks)), id);
            }
        }
    }

    /// <summary>What attention and geometric attention of the first block add, before the division by s.</summary>
    private void CompareFirstBlock(ITensorBackend backend, SafetensorsFile golden, string[] ids, PackedLengths lengths, Esm3Model model, Tensor input, Tensor frames)
    {
        float[] values = TensorBackendTests.Download(backend, input);
        float scale = (float)(1 / Math.Sqrt(model.Config.Layers / 36.0));
        Tensor x = backend.Allocate(input.Rows, input.Columns), zero = backend.Allocate(input.Rows, input.Columns);
        backend.Write(values, x);
        backend.Write(new float[values.Length], zero);
        model.Block(0).AddAttention(x, lengths, 1f, zero);
        CompareRows(backend, golden, ids, lengths, "block0_attn_out", 1e-4, zero);

        // Geometric attention sees the stream after attention.
        model.Block(0).AddAttention(x, lengths, scale);
        backend.Write(new float[values.Length], zero);
        model.Block(0).AddGeometricAttention(x, frames, lengths, 1f, zero);
        CompareRows(backend, golden, ids, lengths, "block0_geom_out", 1e-4, zero);
    }

    private void CompareRows(ITensorBackend backend, SafetensorsFile golden, string[] ids, PackedLengths lengths, string quantity, double tolerance, Tensor x)
    {
        for (int i = 0; i < ids.Length; i++)
        {
            if (golden.Tensors.ContainsKey($"{ids[i]}.{quantity}"))
            {
                float[] actual = TensorBackendTests.Download(backend, x.SliceRows(lengths.Start(i), lengths.Length(i)));
                _table.Compare(quantity, tolerance, Read(golden, $"{ids[i]}.{quantity}"), actual, ids[i]);
            }
        }
    }

    private void CompareMeans(ITensorBackend backend, SafetensorsFile golden, string[] ids, PackedLengths lengths, string quantity, double tolerance, Tensor x)
    {
        Tensor pooled = backend.Allocate(lengths.Count, x.Columns);
        backend.MeanPool(x, lengths, pooled);
        for (int i = 0; i < ids.Length; i++)
        {
            _table.Compare(quantity, tolerance, Read(golden, $"{ids[i]}.{quantity}"), TensorBackendTests.Download(backend, pooled.SliceRows(i, 1)), ids[i]);
        }
    }

    private static string[] ReadIds()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllText(Repository.SharedPath("golden", "esm3-tiny.golden.json")));
        return [.. golden.RootElement.GetProperty("cases").EnumerateArray().Select(entry => entry.GetProperty("id").GetString()!)];
    }

    private static float[] Read(WeightFile file, string name)
    {
        float[] values = new float[file.Find(name).Count];
        file.Read(name, values);
        return values;
    }
}
