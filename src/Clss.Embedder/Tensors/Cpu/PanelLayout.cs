namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// Which outputs of a linear layer lie where: a panel has two registers of columns. A plain layer's outputs follow one another.
/// In a gated layer the first register holds outputs of the first half and the second those they gate, so that both meet in one tile.
/// </summary>
internal readonly struct PanelLayout(LinearLayout layout, int outputs, int lanes)
{
    /// <summary>Panels of the layer, the last one filled up.</summary>
    public int Panels => layout == LinearLayout.Gated
        ? ((outputs / 2) + lanes - 1) / lanes
        : (outputs + (2 * lanes) - 1) / (2 * lanes);

    /// <summary>First output in a register of a panel, and how many of its lanes are in use.</summary>
    public (int First, int Count) Register(int panel, int register)
    {
        if (layout == LinearLayout.Gated)
        {
            int half = outputs / 2, start = panel * lanes;
            return (Math.Min((register * half) + start, outputs), Math.Clamp(half - start, 0, lanes));
        }

        int first = Math.Min(((2 * panel) + register) * lanes, outputs);
        return (first, Math.Clamp(outputs - first, 0, lanes));
    }
}
