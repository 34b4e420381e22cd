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
    public static void Pack(ReadOnlySpan<float> weight, int outputs, int inputs, float* panels)
    {
        int width = PanelWidth;
        for (int start = 0; start < outputs; start += width)
        {
            int used = Math.Min(width, outputs - start);
            for (int input = 0; input < inputs; input++)
            {
                for (int column = 0; column < used; column++)
                {
                    panels[column] = weight[((start + column) * inputs) + input];
                }

                new Span<float>(panels + used, width - used).Clear();
                panels += width;
            }
        }
    }

    /// <summary>
    /// Computes rows [rowStart, rowEnd) of the panels [panelStart, panelEnd) of destination.
    /// Tiles are cut at multiples of the tile height from <paramref name="rowStart"/>; the last one may read, never write, past
    /// <paramref name="rowEnd"/>.
    /// </summary>
    public static void Multiply(in LinearJob job, int rowStart, int rowEnd, int panelStart, int panelEnd, float* tile)
    {
        int width = PanelWidth;
        for (int panel = panelStart; panel < panelEnd; panel++)
        {
            float* right = job.Panels + ((nint)panel * width * job.Inputs);
            int columns = Math.Min(width, job.Outputs - (panel * width));
            for (int row = rowStart; row < rowEnd; row += TLanes.TileRows)
            {
                TLanes.MultiplyTile(job.Source + (row * job.SourceStride), job.SourceStride, right, job.Inputs, tile);
                Finish(in job, row, Math.Min(TLanes.TileRows, rowEnd - row), panel * width, columns, tile);
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
                Apply(job.Output, TLanes.Load(tile + start) + TLanes.Load(job.Bias + column + start), target + start).Store(target + start);
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
        Apply(job.Output, TLanes.Load(sums) + TLanes.Load(job.Bias + column), buffer).Store(buffer);
        new Span<float>(buffer, columns).CopyTo(new Span<float>(target, columns));
    }

    private static TLanes Apply(LinearOutput output, TLanes value, float* target) => output switch
    {
        LinearOutput.Gelu => SimdMath<TLanes>.Gelu(value),
        LinearOutput.Add => TLanes.Load(target) + value,
        _ => value,
    };
}
