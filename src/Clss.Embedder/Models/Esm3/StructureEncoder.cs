using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// Backbones to structure tokens: StructureTokenEncoder of esm/models/vqvae.py, of any size. Every residue's neighbourhood is a small sequence of its own,
/// and only its first row, the residue itself, is the result. So many neighbourhoods go through a block as one matrix; the first block's projections, which follow
/// from the offsets in the chain alone, are looked up in a table of 65 rows; and in the last block only the first rows ask, and only they go on.
/// </summary>
public sealed class StructureEncoder
{
    /// <summary>Offsets in the chain are cut off here.</summary>
    private const int MostOffset = 32;

    /// <summary>Row 0 of the table is not used.</summary>
    private const int OffsetRows = (2 * MostOffset) + 2;

    private readonly ITensorBackend _backend;
    private readonly Tensor _offsetTable;
    private readonly Tensor _offsetProjections;
    private readonly Block[] _blocks;
    private readonly LinearWeights _preQuantization;
    private readonly LinearWeights _codes;

    /// <summary>Reads the weights, by the names in the encoder's state dict, into the backend.</summary>
    /// <exception cref="WeightFormatException">A tensor is missing or of another shape.</exception>
    public StructureEncoder(ITensorBackend backend, StructureEncoderConfig config, WeightScope weights)
    {
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        _backend = backend;
        Config = config;
        _offsetTable = backend.Upload(
            weights.Sub("relative_positional_embedding.embedding").Read("weight", OffsetRows, config.Width), OffsetRows, config.Width);
        _blocks = new Block[config.Layers];
        for (int i = 0; i < _blocks.Length; i++)
        {
            WeightScope block = weights.Sub($"transformer.blocks.{i}");
            _blocks[i] = new Block(
                new GeometricLayer(backend, block.Sub("geom_attn"), config.Width, config.VectorHeads),
                new FeedForwardLayer(backend, block.Sub("ffn"), config.Width, config.InnerWidth));
        }

        _offsetProjections = ProjectOffsets();
        _preQuantization = LinearLoader.Load(backend, weights.Sub("pre_vq_proj"), config.OutputWidth, config.Width);
        _codes = UploadCodes(weights.Sub("codebook").Read("embeddings", config.Codes, config.OutputWidth));
    }

    /// <summary>The dimensions.</summary>
    public StructureEncoderConfig Config { get; }

    /// <summary>Writes the structure tokens, codes from 0 on, of all residues of some backbones, one after the other.</summary>
    /// <exception cref="OperationCanceledException">Cancelled, which is looked at before every part.</exception>
    public void Encode(ReadOnlySpan<BackboneFrames> backbones, Span<int> tokens, CancellationToken cancellationToken = default)
    {
        using IDisposable scope = _backend.BeginScope();
        Tensor hidden = Hidden(backbones, cancellationToken);
        if (hidden.Rows != tokens.Length)
        {
            throw new ArgumentException($"Expected room for {hidden.Rows} tokens, found {tokens.Length}.", nameof(tokens));
        }

        Tensor codes = Quantize(hidden);
        Nearest(codes, tokens);
    }

    /// <summary>The encoder's result for each residue [residues, width], 0 for residues without a frame.</summary>
    internal Tensor Hidden(ReadOnlySpan<BackboneFrames> backbones, CancellationToken cancellationToken = default)
    {
        int residues = 0;
        foreach (BackboneFrames frames in backbones)
        {
            residues += frames.Length;
        }

        Tensor hidden = _backend.Allocate(residues, Config.Width);
        NeighborhoodBatch batch = new(Config.Neighbors, RowChunks.Rows(Config.InnerWidth));
        using IDisposable scope = _backend.BeginScope();
        Tensor compact = _backend.Allocate(residues, Config.Width);
        Tensor mixed = _backend.Allocate(residues, _blocks[^1].Geometric.MixedWidth);
        int[] places = new int[residues];
        int place = 0, done = 0;
        foreach (BackboneFrames frames in backbones)
        {
            for (int residue = 0; residue < frames.Length; residue++, place++)
            {
                if (!frames.IsValid(residue))
                {
                    places[place] = -1;
                    continue;
                }

                places[place] = done + batch.Count;
                batch.Add(frames, residue);
                if (batch.IsFull)
                {
                    done += EncodePart(batch, compact, mixed, done, cancellationToken);
                }
            }
        }

        done += EncodePart(batch, compact, mixed, done, cancellationToken);
        Finish(compact, mixed, done);
        Spread(compact, places, hidden);
        return hidden;
    }

    /// <summary>What is compared with the codes [residues, output width].</summary>
    internal Tensor Quantize(Tensor hidden)
    {
        Tensor result = _backend.Allocate(hidden.Rows, Config.OutputWidth);
        _backend.Linear(hidden, _preQuantization, LinearOutput.Store, result);
        return result;
    }

    /// <summary>All rows of the neighbourhoods of a batch after a number of blocks: what the golden files show of the inside.</summary>
    internal Tensor Neighborhoods(NeighborhoodBatch batch, int blocks)
    {
        PackedLengths lengths = batch.Lengths();
        Tensor frames = _backend.Allocate(batch.Rows, RigidFrames.Columns);
        _backend.Write(batch.Frames, frames);
        Tensor x = Look(_offsetTable, batch.Offsets);
        for (int i = 0; i < blocks; i++)
        {
            ApplyToAll(_blocks[i], x, i == 0 ? Look(_offsetProjections, batch.Offsets) : null, frames, lengths);
        }

        return x;
    }

    /// <summary>Index of the embedding of a neighbour.</summary>
    internal static int OffsetRow(int neighbor, int residue) => Math.Clamp(neighbor - residue, -MostOffset, MostOffset) + MostOffset + 1;

    /// <summary>All blocks but what the last one does to the residue itself, whose row and mixture are collected.</summary>
    private int EncodePart(NeighborhoodBatch batch, Tensor compact, Tensor mixed, int done, CancellationToken cancellationToken)
    {
        int count = batch.Count;
        if (count == 0)
        {
            return 0;
        }

        cancellationToken.ThrowIfCancellationRequested();
        using IDisposable scope = _backend.BeginScope();
        PackedLengths lengths = batch.Lengths();
        Tensor frames = _backend.Allocate(batch.Rows, RigidFrames.Columns);
        _backend.Write(batch.Frames, frames);
        Tensor x = Look(_offsetTable, batch.Offsets);
        Tensor? projected = Look(_offsetProjections, batch.Offsets);
        for (int i = 0; i < _blocks.Length - 1; i++)
        {
            ApplyToAll(_blocks[i], x, projected, frames, lengths);
            projected = null;
        }

        if (projected is null)
        {
            projected = _backend.Allocate(batch.Rows, _blocks[^1].Geometric.ProjectedWidth);
            _blocks[^1].Geometric.Project(x, projected);
        }

        _blocks[^1].Geometric.Attend(projected, frames, lengths, firstRowsOnly: true, mixed.SliceRows(done, count));
        int[] firstRows = new int[count];
        for (int i = 0; i < count; i++)
        {
            firstRows[i] = lengths.Start(i);
        }

        _backend.Embed(x, firstRows, Ones(count), compact.SliceRows(done, count));
        batch.Clear();
        return count;
    }

    private void ApplyToAll(Block block, Tensor x, Tensor? projected, Tensor frames, PackedLengths lengths)
    {
        using (_backend.BeginScope())
        {
            if (projected is null)
            {
                projected = _backend.Allocate(x.Rows, block.Geometric.ProjectedWidth);
                block.Geometric.Project(x, projected);
            }

            Tensor mixed = _backend.Allocate(x.Rows, block.Geometric.MixedWidth);
            block.Geometric.Attend(projected, frames, lengths, firstRowsOnly: false, mixed);
            block.Geometric.AddOutput(mixed, x, 1f);
        }

        block.FeedForward.Apply(x, 1f);
    }

    /// <summary>The last block for the residues themselves.</summary>
    private void Finish(Tensor compact, Tensor mixed, int count)
    {
        Tensor x = compact.SliceRows(0, count);
        _blocks[^1].Geometric.AddOutput(mixed.SliceRows(0, count), x, 1f);
        _blocks[^1].FeedForward.Apply(x, 1f);
    }

    /// <summary>Brings the rows to their residues; residues without a frame become 0.</summary>
    private void Spread(Tensor compact, int[] places, Tensor hidden)
    {
        if (places.Length == 0)
        {
            return;
        }

        // Row 0 stands for the missing one; it must hold numbers for 0 times it to be 0.
        float[] scales = [.. places.Select(place => place < 0 ? 0f : 1f)];
        if (!scales.Contains(1f))
        {
            _backend.Write(new float[hidden.Rows * hidden.Columns], hidden);
            return;
        }

        _backend.Embed(compact, [.. places.Select(place => Math.Max(place, 0))], scales, hidden);
    }

    private Tensor Look(Tensor table, ReadOnlySpan<int> ids)
    {
        Tensor result = _backend.Allocate(ids.Length, table.Columns);
        _backend.Embed(table, ids, Ones(ids.Length), result);
        return result;
    }

    private static float[] Ones(int count)
    {
        float[] ones = new float[count];
        Array.Fill(ones, 1f);
        return ones;
    }

    /// <summary>The first block's projections of every row of the table, as a constant.</summary>
    private Tensor ProjectOffsets()
    {
        using IDisposable scope = _backend.BeginScope();
        Tensor projected = _backend.Allocate(OffsetRows, _blocks[0].Geometric.ProjectedWidth);
        _blocks[0].Geometric.Project(_offsetTable, projected);
        float[] values = new float[projected.Rows * projected.Columns];
        _backend.Download(projected, values);
        return _backend.Upload(values, projected.Rows, projected.Columns);
    }

    /// <summary>|p - c|^2 = |p|^2 - 2 (p c - |c|^2 / 2): the nearest code has the largest p c - |c|^2 / 2.</summary>
    private LinearWeights UploadCodes(float[] codes)
    {
        int width = Config.OutputWidth;
        float[] offsets = new float[Config.Codes];
        for (int i = 0; i < offsets.Length; i++)
        {
            double squares = 0;
            foreach (float value in codes.AsSpan(i * width, width))
            {
                squares += (double)value * value;
            }

            offsets[i] = (float)(-squares / 2);
        }

        return _backend.UploadLinear(codes, offsets, Config.Codes, width);
    }

    private void Nearest(Tensor quantized, Span<int> tokens)
    {
        int rowsAtATime = RowChunks.Rows(Config.Codes);
        using IDisposable scope = _backend.BeginScope();
        Tensor scores = _backend.Allocate(Math.Min(rowsAtATime, quantized.Rows), Config.Codes);
        for (int start = 0; start < quantized.Rows; start += rowsAtATime)
        {
            int rows = Math.Min(rowsAtATime, quantized.Rows - start);
            Tensor part = scores.SliceRows(0, rows);
            _backend.Linear(quantized.SliceRows(start, rows), _codes, LinearOutput.Store, part);
            _backend.ArgMax(part, tokens.Slice(start, rows));
        }
    }

    private sealed record Block(GeometricLayer Geometric, FeedForwardLayer FeedForward);
}
