using System.Numerics.Tensors;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>The networks' arithmetic in C#, with the widest SIMD of the machine, on several threads.</summary>
public sealed unsafe class CpuTensorBackend : ITensorBackend
{
    /// <summary>Rows of one piece of work of row-wise operations; a multiple of every tile height.</summary>
    private const int RowBlock = 192;

    /// <summary>Pieces of work per thread, at least, so that all finish at about the same time.</summary>
    private const int PiecesPerThread = 8;

    /// <summary>Queries of one piece of attention: the piece repacks keys and values, a 64th of its work.</summary>
    private const int QueryBlock = 2048;

    /// <summary>Readable rows below every tensor: a tile may read past the last row.</summary>
    private const int SlackRows = 12;

    private readonly CpuKernels _kernels;
    private readonly CpuWorkers _workers;
    private readonly TensorArena _constants = new();
    private readonly TensorArena _arena = new();
    private readonly Dictionary<int, RotaryTable> _rotaryTables = [];
    private readonly List<(int Sequence, int Head, int Start)> _attentionPieces = [];
    private bool _disposed;

    /// <summary>Creates a backend.</summary>
    /// <param name="threads">Threads to compute with; 0 for as many as the machine has.</param>
    /// <param name="tier">The SIMD width, at most what the machine has; by default the widest.</param>
    public CpuTensorBackend(int threads = 0, CpuTier? tier = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        Tier = tier ?? CpuKernels.Widest;
        if (Tier > CpuKernels.Widest)
        {
            throw new ArgumentOutOfRangeException(nameof(tier), tier, $"This machine computes with {CpuKernels.Widest} at most.");
        }

        Threads = threads == 0 ? Environment.ProcessorCount : threads;
        _kernels = CpuKernels.Create(Tier);
        _workers = new CpuWorkers(Threads);
        _constants.BeginScope();
    }

    /// <summary>The SIMD width in use.</summary>
    public CpuTier Tier { get; }

    /// <summary>Threads in use.</summary>
    public int Threads { get; }

    /// <inheritdoc/>
    public string Name => $"CPU, {Tier}, {Threads} thread{(Threads == 1 ? "" : "s")}";

    /// <summary>The most bytes that activations have taken so far.</summary>
    public long PeakActivationBytes => _arena.PeakBytes;

    /// <inheritdoc/>
    public Tensor Upload(ReadOnlySpan<float> values, int rows, int columns)
    {
        RequireSize(values.Length, rows, columns, nameof(values));
        CpuTensor tensor = Allocate(_constants, rows, columns);
        CopyRows(values, tensor);
        return tensor;
    }

    /// <inheritdoc/>
    public LinearWeights UploadLinear(
        ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int outputs, int inputs, LinearLayout layout = LinearLayout.Plain)
    {
        RequireSize(weight.Length, outputs, inputs, nameof(weight));
        float* packedBias = PackBias(bias, layout, outputs);
        float* panels = _constants.Allocate((long)new PanelLayout(layout, outputs, _kernels.Lanes).Panels * _kernels.TileColumns * inputs);
        _kernels.PackLinear(weight, layout, outputs, inputs, panels);
        return new CpuLinearWeights(this, panels, null, packedBias, layout, inputs, outputs);
    }

    /// <inheritdoc/>
    public LinearWeights UploadLinear(BFloat16Matrix weight, ReadOnlySpan<float> bias, LinearLayout layout = LinearLayout.Plain)
    {
        ArgumentNullException.ThrowIfNull(weight);
        float* packedBias = PackBias(bias, layout, weight.Rows);
        return new CpuLinearWeights(this, null, weight, packedBias, layout, weight.Columns, weight.Rows);
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<float> values, Tensor destination)
    {
        CpuTensor to = Own(destination);
        RequireSize(values.Length, to.Rows, to.Columns, nameof(values));
        CopyRows(values, to);
    }

    /// <inheritdoc/>
    public void Download(Tensor source, Span<float> destination)
    {
        CpuTensor tensor = Own(source);
        RequireSize(destination.Length, tensor.Rows, tensor.Columns, nameof(destination));
        for (int row = 0; row < tensor.Rows; row++)
        {
            new ReadOnlySpan<float>(tensor.Start + (row * tensor.Stride), tensor.Columns).CopyTo(destination[(row * tensor.Columns)..]);
        }
    }

    /// <inheritdoc/>
    public IDisposable BeginScope() => _arena.BeginScope();

    /// <inheritdoc/>
    public Tensor Allocate(int rows, int columns) => Allocate(_arena, rows, columns);

    /// <inheritdoc/>
    public void Embed(Tensor table, ReadOnlySpan<int> ids, ReadOnlySpan<float> scales, Tensor destination)
    {
        CpuTensor from = Own(table), to = Own(destination);
        RequireShape(to, ids.Length, from.Columns);
        RequireSize(scales.Length, ids.Length, 1, nameof(scales));
        for (int i = 0; i < ids.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ids[i], nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ids[i], from.Rows, nameof(ids));
            float* source = from.Start + (ids[i] * from.Stride);
            float* row = to.Start + (i * to.Stride);
            TensorPrimitives.Multiply(new ReadOnlySpan<float>(source, from.Columns), scales[i], new Span<float>(row, from.Columns));
        }
    }

    /// <inheritdoc/>
    public void AddEmbedding(Tensor table, ReadOnlySpan<int> ids, Tensor destination)
    {
        CpuTensor from = Own(table), to = Own(destination);
        RequireShape(to, ids.Length, from.Columns);
        for (int i = 0; i < ids.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(ids[i], nameof(ids));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ids[i], from.Rows, nameof(ids));
            float* source = from.Start + (ids[i] * from.Stride);
            float* row = to.Start + (i * to.Stride);
            Span<float> sums = new(row, from.Columns);
            TensorPrimitives.Add(sums, new ReadOnlySpan<float>(source, from.Columns), sums);
        }
    }

    /// <inheritdoc/>
    public void LayerNorm(Tensor source, Tensor weight, Tensor bias, float epsilon, Tensor destination)
    {
        CpuTensor from = Own(source), to = Own(destination), factors = Own(weight), offsets = Own(bias);
        RequireShape(to, from.Rows, from.Columns);
        RequireShape(factors, 1, from.Columns);
        RequireShape(offsets, 1, from.Columns);
        _workers.Run(Blocks(from.Rows, RowBlock), 0, (block, _) =>
        {
            int end = Math.Min(from.Rows, (block + 1) * RowBlock);
            for (int row = block * RowBlock; row < end; row++)
            {
                _kernels.LayerNorm(
                    from.Start + (row * from.Stride), factors.Start, offsets.Start, from.Columns, epsilon, to.Start + (row * to.Stride));
            }
        });
    }

    /// <inheritdoc/>
    public void Linear(Tensor source, LinearWeights weights, LinearOutput output, Tensor destination, float scale = 1f)
    {
        CpuTensor from = Own(source), to = Own(destination);
        CpuLinearWeights packed = weights is CpuLinearWeights own && own.Owner == this
            ? own
            : throw new ArgumentException("The weights belong to another backend.", nameof(weights));
        bool gated = output == LinearOutput.SwiGlu;
        if (gated != (packed.Layout == LinearLayout.Gated))
        {
            throw new ArgumentException($"{output} does not go with {packed.Layout} weights.", nameof(output));
        }

        RequireShape(from, to.Rows, packed.Inputs);
        RequireShape(to, from.Rows, gated ? packed.Outputs / 2 : packed.Outputs);
        var job = new LinearJob
        {
            Source = from.Start,
            SourceStride = from.Stride,
            Panels = packed.Panels,
            Narrow = packed.Narrow is null ? null : packed.Narrow.Start,
            Bias = packed.Bias,
            Layout = packed.Layout,
            Inputs = packed.Inputs,
            Outputs = packed.Outputs,
            Output = output,
            Scale = scale,
            Destination = to.Start,
            DestinationStride = to.Stride,
        };
        int panels = new PanelLayout(packed.Layout, packed.Outputs, _kernels.Lanes).Panels;
        int pieces = PiecesPerThread * Threads;
        int block = RowBlock, groups;
        if (packed.Narrow is null)
        {
            // Few rows are shared out by columns as well.
            groups = Math.Clamp(Blocks(pieces, Math.Max(Blocks(from.Rows, RowBlock), 1)), 1, panels);
        }
        else
        {
            // All rows to a panel, which is widened for each piece anew; few panels are shared out by rows as well.
            groups = panels;
            int parts = Math.Clamp(Blocks(pieces, panels), 1, Math.Max(1, Blocks(from.Rows, RowBlock)));
            block = Math.Max(1, Blocks(Blocks(from.Rows, parts), _kernels.TileRows)) * _kernels.TileRows;
        }

        _workers.Run(Blocks(from.Rows, block) * groups, _kernels.LinearScratchSize(packed.Inputs, packed.Narrow is not null), (piece, scratch) =>
        {
            (int part, int group) = Math.DivRem(piece, groups);
            int end = Math.Min(from.Rows, (part + 1) * block);
            _kernels.Linear(in job, part * block, end, (int)((long)panels * group / groups), (int)((long)panels * (group + 1) / groups), scratch);
        });
    }

    /// <inheritdoc/>
    public void Attention(
        Tensor queries, Tensor keys, Tensor values, PackedLengths lengths, AttentionParameters parameters, Tensor destination)
    {
        CpuTensor q = Own(queries), k = Own(keys), v = Own(values), to = Own(destination);
        int size = q.Columns / parameters.Heads;
        if (size * parameters.Heads != q.Columns || (parameters.Rotary && size % 2 != 0))
        {
            throw new ArgumentException($"{q.Columns} columns do not fall into {parameters.Heads} heads of an even size.", nameof(parameters));
        }

        foreach (CpuTensor tensor in (ReadOnlySpan<CpuTensor>)[q, k, v, to])
        {
            RequireShape(tensor, lengths.Total, q.Columns);
        }

        RotaryTable? rotary = parameters.Rotary ? Rotary(size, lengths.Longest) : null;
        List<(int Sequence, int Head, int Start)> pieces = _attentionPieces;
        pieces.Clear();
        for (int sequence = 0; sequence < lengths.Count; sequence++)
        {
            for (int head = 0; head < parameters.Heads; head++)
            {
                for (int start = 0; start < lengths.Length(sequence); start += QueryBlock)
                {
                    pieces.Add((sequence, head, start));
                }
            }
        }

        _workers.Run(pieces.Count, _kernels.AttentionScratchSize(lengths.Longest, size), (piece, scratch) =>
        {
            (int sequence, int head, int start) = pieces[piece];
            nint row = lengths.Start(sequence);
            int column = head * size;
            var job = new AttentionJob
            {
                Queries = q.Start + (row * q.Stride) + column,
                QueryStride = q.Stride,
                Keys = k.Start + (row * k.Stride) + column,
                KeyStride = k.Stride,
                Values = v.Start + (row * v.Stride) + column,
                ValueStride = v.Stride,
                Destination = to.Start + (row * to.Stride) + column,
                DestinationStride = to.Stride,
                Length = lengths.Length(sequence),
                HeadSize = size,
                QueryStart = start,
                QueryEnd = Math.Min(start + QueryBlock, lengths.Length(sequence)),
                Scale = parameters.Scale,
                Cosines = rotary is null ? null : rotary.Cosines,
                Sines = rotary is null ? null : rotary.Sines,
            };
            _kernels.Attend(in job, scratch);
        });
    }

    /// <inheritdoc/>
    public void GeometricAttention(Tensor projected, Tensor frames, PackedLengths lengths, GeometricAttentionParameters parameters, Tensor destination)
    {
        CpuTensor from = Own(projected), rigid = Own(frames), to = Own(destination);
        int heads = parameters.Heads, lanes = _kernels.Lanes;
        RequireShape(from, lengths.Total, 15 * heads);
        RequireShape(rigid, lengths.Total, RigidFrames.Columns);
        RequireShape(to, parameters.FirstRowsOnly ? lengths.Count : lengths.Total, 3 * heads);
        RequireSize(parameters.RotationScales.Length, heads, 1, nameof(parameters));
        RequireSize(parameters.DistanceScales.Length, heads, 1, nameof(parameters));
        using IDisposable scope = BeginScope();
        int registers = Blocks(heads, lanes);
        CpuTensor scales = Allocate(_arena, 2, registers * lanes);
        parameters.RotationScales.Span.CopyTo(new Span<float>(scales.Start, heads));
        parameters.DistanceScales.Span.CopyTo(new Span<float>(scales.Start + scales.Stride, heads));
        new Span<float>(scales.Start + heads, (registers * lanes) - heads).Clear();
        new Span<float>(scales.Start + scales.Stride + heads, (registers * lanes) - heads).Clear();

        // Short sequences go whole to one thread, so that a row is written by one.
        bool whole = lengths.Count >= PiecesPerThread * Threads;
        _workers.Run(lengths.Count * (whole ? 1 : registers), _kernels.GeometricScratchSize(lengths.Longest), (piece, scratch) =>
        {
            (int sequence, int first) = whole ? (piece, 0) : Math.DivRem(piece, registers);
            nint row = lengths.Start(sequence);
            bool firstRow = parameters.FirstRowsOnly;
            for (int register = first; register < (whole ? registers : first + 1); register++)
            {
                var job = new GeometricJob
                {
                    Projected = from.Start + (row * from.Stride),
                    ProjectedStride = from.Stride,
                    Frames = rigid.Start + (row * rigid.Stride),
                    FrameStride = rigid.Stride,
                    Length = lengths.Length(sequence),
                    Heads = heads,
                    HeadStart = register * lanes,
                    RotationScales = scales.Start,
                    DistanceScales = scales.Start + scales.Stride,
                    Queries = firstRow ? Math.Min(1, lengths.Length(sequence)) : lengths.Length(sequence),
                    Destination = to.Start + ((firstRow ? sequence : row) * to.Stride),
                    DestinationStride = to.Stride,
                };
                _kernels.AttendGeometrically(in job, scratch);
            }
        });
    }

    /// <inheritdoc/>
    public void ArgMax(Tensor source, Span<int> destination)
    {
        CpuTensor from = Own(source);
        RequireSize(destination.Length, from.Rows, 1, nameof(destination));
        for (int row = 0; row < from.Rows; row++)
        {
            destination[row] = TensorPrimitives.IndexOfMax(new ReadOnlySpan<float>(from.Start + (row * from.Stride), from.Columns));
        }
    }

    /// <inheritdoc/>
    public void MeanPool(Tensor source, PackedLengths lengths, Tensor destination)
    {
        CpuTensor from = Own(source), to = Own(destination);
        RequireShape(from, lengths.Total, to.Columns);
        RequireShape(to, lengths.Count, from.Columns);
        _workers.Run(lengths.Count, (long)from.Columns * sizeof(double) / sizeof(float), (sequence, scratch) =>
        {
            // Summed in double precision: 35,000 rows leave nothing to wish.
            Span<double> sums = new(scratch, from.Columns);
            sums.Clear();
            float* row = from.Start + (lengths.Start(sequence) * from.Stride);
            for (int i = 0; i < lengths.Length(sequence); i++, row += from.Stride)
            {
                for (int column = 0; column < sums.Length; column++)
                {
                    sums[column] += row[column];
                }
            }

            float* result = to.Start + (sequence * to.Stride);
            for (int column = 0; column < sums.Length; column++)
            {
                result[column] = (float)(sums[column] / lengths.Length(sequence));
            }
        });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _arena.Dispose();
            _constants.Dispose();
            _workers.Dispose();
            foreach (RotaryTable table in _rotaryTables.Values)
            {
                table.Dispose();
            }
        }
    }

    private static void CopyRows(ReadOnlySpan<float> values, CpuTensor tensor)
    {
        for (int row = 0; row < tensor.Rows; row++)
        {
            values.Slice(row * tensor.Columns, tensor.Columns).CopyTo(new Span<float>(tensor.Start + (row * tensor.Stride), tensor.Columns));
        }
    }

    private static int Blocks(int count, int size) => (count + size - 1) / size;

    private static void RequireSize(int actual, int rows, int columns, string name)
    {
        if (actual != (long)rows * columns)
        {
            throw new ArgumentException($"Expected {rows} x {columns} floats, found {actual}.", name);
        }
    }

    private static void RequireShape(CpuTensor tensor, int rows, int columns)
    {
        if (tensor.Rows != rows || tensor.Columns != columns)
        {
            throw new ArgumentException($"Expected a tensor [{rows}, {columns}], found [{tensor.Rows}, {tensor.Columns}].");
        }
    }

    private float* PackBias(ReadOnlySpan<float> bias, LinearLayout layout, int outputs)
    {
        if (bias.Length != 0)
        {
            RequireSize(bias.Length, outputs, 1, nameof(bias));
        }

        if (layout == LinearLayout.Gated && outputs % 2 != 0)
        {
            throw new ArgumentException($"{outputs} outputs have no two halves.", nameof(outputs));
        }

        float* packed = _constants.Allocate((long)new PanelLayout(layout, outputs, _kernels.Lanes).Panels * _kernels.TileColumns);
        _kernels.PackBias(bias, layout, outputs, packed);
        return packed;
    }

    private CpuTensor Allocate(TensorArena arena, int rows, int columns)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        int stride = CpuTensor.StrideOf(columns);
        return new CpuTensor(this, arena.Allocate((rows + (long)SlackRows) * stride), stride, rows, columns);
    }

    private CpuTensor Own(Tensor tensor)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return tensor is CpuTensor own && own.Owner == this
            ? own
            : throw new ArgumentException("The tensor belongs to another backend.", nameof(tensor));
    }

    private RotaryTable Rotary(int headSize, int positions)
    {
        if (!_rotaryTables.TryGetValue(headSize, out RotaryTable? table))
        {
            table = new RotaryTable(headSize);
            _rotaryTables.Add(headSize, table);
        }

        table.Extend(positions);
        return table;
    }
}
