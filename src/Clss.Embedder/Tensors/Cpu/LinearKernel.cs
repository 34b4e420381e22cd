namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// Linear layers. The weight matrix lies in panels, each of the tile's width: [panel][input][column of the panel],
/// the last one filled up with zeros.
/// </summary>
internal static unsafe class LinearKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private static int PanelWidth => 2 * TLanes.Count;

    /// <summary>Packs weight [outputs, inputs] into panels.</summary>
    public static void Pack(ReadOnlySpan<float> weight, LinearLayout layout, int outputs, int inputs, float* panels)
    {
        PanelLayout order = new(layout, outputs, TLanes.Count);
        for (int panel = 0; panel < order.Panels; panel++)
        {
            for (int register = 0; register < 2; register++)
            {
                (int first, int count) = order.Register(panel, register);
                float* packed = panels + ((nint)panel * PanelWidth * inputs) + (register * TLanes.Count);
                for (int input = 0; input < inputs; input++, packed += PanelWidth)
                {
                    for (int lane = 0; lane < TLanes.Count; lane++)
                    {
                        packed[lane] = lane < count ? weight[(int)(((first + lane) * (long)inputs) + input)] : 0f;
                    }
                }
            }
        }
    }

    /// <summary>Puts a bias [outputs] into the order of the panels.</summary>
    public static void PackBias(ReadOnlySpan<float> bias, LinearLayout layout, int outputs, float* packed)
    {
        PanelLayout order = new(layout, outputs, TLanes.Count);
        for (int i = 0; i < 2 * order.Panels; i++, packed += TLanes.Count)
        {
            (int first, int count) = order.Register(i / 2, i % 2);
            Span<float> target = new(packed, TLanes.Count);
            target.Clear();
            if (!bias.IsEmpty)
            {
                bias.Slice(first, count).CopyTo(target);
            }
        }
    }

    /// <summary>Floats of scratch memory that <see cref="Multiply"/> needs: a tile, and a panel where weights are widened.</summary>
    public static long ScratchSize(int inputs, bool narrow) => (TLanes.TileRows * (long)PanelWidth) + (narrow ? (long)inputs * PanelWidth : 0);

    /// <summary>
    /// Computes rows [rowStart, rowEnd) of the panels [panelStart, panelEnd) of destination.
    /// Tiles are cut at multiples of the tile height from <paramref name="rowStart"/>; the last one may read, never write, past
    /// <paramref name="rowEnd"/>.
    /// </summary>
    public static void Multiply(in LinearJob job, int rowStart, int rowEnd, int panelStart, int panelEnd, float* scratch)
    {
        PanelLayout order = new(job.Layout, job.Outputs, TLanes.Count);
        float* tile = scratch;
        float* widened = scratch + (TLanes.TileRows * PanelWidth);
        for (int panel = panelStart; panel < panelEnd; panel++)
        {
            float* right = widened;
            if (job.Narrow == null)
            {
                right = job.Panels + ((nint)panel * PanelWidth * job.Inputs);
            }
            else
            {
                Widen(in job, order, panel, widened);
            }

            (_, int first) = order.Register(panel, 0);
            (_, int second) = order.Register(panel, 1);
            for (int row = rowStart; row < rowEnd; row += TLanes.TileRows)
            {
                TLanes.MultiplyTile(job.Source + (row * job.SourceStride), job.SourceStride, right, job.Inputs, tile);
                int rows = Math.Min(TLanes.TileRows, rowEnd - row);
                if (job.Output == LinearOutput.SwiGlu)
                {
                    FinishGated(in job, row, rows, panel, first, tile);
                }
                else
                {
                    Finish(in job, row, rows, panel * PanelWidth, first + second, tile);
                }
            }
        }
    }

    /// <summary>One panel of floats out of bfloat16 rows.</summary>
    private static void Widen(in LinearJob job, PanelLayout order, int panel, float* widened)
    {
        for (int register = 0; register < 2; register++)
        {
            (int first, int count) = order.Register(panel, register);
            ushort* source = job.Narrow + ((nint)first * job.Inputs);
            NarrowPanels.Widen(source, job.Inputs, count, TLanes.Count, widened + (register * TLanes.Count), PanelWidth);
        }
    }

    /// <summary>silu(first register) times second register: one register of columns. Lanes past the last column go by way of a buffer.</summary>
    private static void FinishGated(in LinearJob job, int row, int rows, int panel, int columns, float* tile)
    {
        float* buffer = stackalloc float[TLanes.Count];
        float* bias = job.Bias + (panel * PanelWidth);
        TLanes gateBias = TLanes.Load(bias), valueBias = TLanes.Load(bias + TLanes.Count);
        for (int i = 0; i < rows; i++, tile += PanelWidth)
        {
            float* target = job.Destination + ((row + i) * job.DestinationStride) + (panel * TLanes.Count);
            TLanes result = SimdMath<TLanes>.Silu(TLanes.Load(tile) + gateBias) * (TLanes.Load(tile + TLanes.Count) + valueBias);
            if (columns == TLanes.Count)
            {
                result.Store(target);
            }
            else
            {
                result.Store(buffer);
                new Span<float>(buffer, columns).CopyTo(new Span<float>(target, columns));
            }
        }
    }

    private static void Finish(in LinearJob job, int row, int rows, int column, int columns, float* tile)
    {
        for (int i = 0; i < rows; i++)
        {
            float* target = job.Destination + ((row + i) * job.DestinationStride) + column;
            int start = 0;
            for (; start <= columns - TLanes.Count; start += TLanes.Count)
            {
                Apply(in job, TLanes.Load(tile + start) + TLanes.Load(job.Bias + column + start), target + start).Store(target + start);
            }

            if (start < columns)
            {
                FinishTail(in job, column + start, columns - start, tile + start, target + start);
            }

            tile += PanelWidth;
        }
    }

    /// <summary>The columns that fill no register: by way of a buffer, so that their arithmetic is that of all others.</summary>
    private static void FinishTail(in LinearJob job, int column, int columns, float* sums, float* target)
    {
        float* buffer = stackalloc float[TLanes.Count];
        new Span<float>(target, columns).CopyTo(new Span<float>(buffer, columns));
        Apply(in job, TLanes.Load(sums) + TLanes.Load(job.Bias + column), buffer).Store(buffer);
        new Span<float>(buffer, columns).CopyTo(new Span<float>(target, columns));
    }

    private static TLanes Apply(in LinearJob job, TLanes value, float* target) => job.Output switch
    {
        LinearOutput.Gelu => SimdMath<TLanes>.Gelu(value),
        LinearOutput.Add => TLanes.MultiplyAdd(value, TLanes.Broadcast(job.Scale), TLanes.Load(target)),
        _ => value,
    };
}
