namespace Clss.Embedder.Tensors.Cpu;

/// <inheritdoc/>
internal sealed unsafe class CpuKernels<TLanes> : CpuKernels
    where TLanes : struct, ILanes<TLanes>
{
    public override int TileRows => TLanes.TileRows;

    public override int TileColumns => 2 * TLanes.Count;

    public override void PackLinear(ReadOnlySpan<float> weight, LinearLayout layout, int outputs, int inputs, float* panels) =>
        LinearKernel<TLanes>.Pack(weight, layout, outputs, inputs, panels);

    public override void PackBias(ReadOnlySpan<float> bias, LinearLayout layout, int outputs, float* packed) =>
        LinearKernel<TLanes>.PackBias(bias, layout, outputs, packed);

    public override long LinearScratchSize(int inputs, bool narrow) => LinearKernel<TLanes>.ScratchSize(inputs, narrow);

    public override void Linear(in LinearJob job, int rowStart, int rowEnd, int panelStart, int panelEnd, float* scratch) =>
        LinearKernel<TLanes>.Multiply(in job, rowStart, rowEnd, panelStart, panelEnd, scratch);

    public override void LayerNorm(float* source, float* weight, float* bias, int length, float epsilon, float* destination) =>
        RowKernel<TLanes>.LayerNorm(source, weight, bias, length, epsilon, destination);

    public override long AttentionScratchSize(int length, int headSize) => AttentionKernel<TLanes>.ScratchSize(length, headSize);

    public override void Attend(in AttentionJob job, float* scratch) => AttentionKernel<TLanes>.Attend(in job, scratch);

    public override long GeometricScratchSize(int length) => GeometricKernel<TLanes>.ScratchSize(length);

    public override void AttendGeometrically(in GeometricJob job, float* scratch) => GeometricKernel<TLanes>.Attend(in job, scratch);
}
