using System.Runtime.Intrinsics;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>The kernels of one SIMD width. Each call does a piece of work for one thread.</summary>
internal abstract unsafe class CpuKernels
{
    /// <summary>Rows of a tile: pieces of work are best a multiple of it.</summary>
    public abstract int TileRows { get; }

    /// <summary>Columns of a tile: the width of a panel of packed weights.</summary>
    public abstract int TileColumns { get; }

    /// <summary>Floats of one register.</summary>
    public int Lanes => TileColumns / 2;

    /// <summary>The widest that this machine computes with; the only place where that is decided.</summary>
    public static CpuTier Widest =>
        Vector512.IsHardwareAccelerated ? CpuTier.Vector512
        : Vector256.IsHardwareAccelerated ? CpuTier.Vector256
        : Vector128.IsHardwareAccelerated ? CpuTier.Vector128
        : CpuTier.Scalar;

    public static CpuKernels Create(CpuTier tier) => tier switch
    {
        CpuTier.Vector512 => new CpuKernels<Lanes512>(),
        CpuTier.Vector256 => new CpuKernels<Lanes256>(),
        CpuTier.Vector128 => new CpuKernels<Lanes128>(),
        _ => new CpuKernels<LanesScalar>(),
    };

    /// <inheritdoc cref="LinearKernel{TLanes}.Pack"/>
    public abstract void PackLinear(ReadOnlySpan<float> weight, LinearLayout layout, int outputs, int inputs, float* panels);

    /// <inheritdoc cref="LinearKernel{TLanes}.PackBias"/>
    public abstract void PackBias(ReadOnlySpan<float> bias, LinearLayout layout, int outputs, float* packed);

    /// <inheritdoc cref="LinearKernel{TLanes}.ScratchSize"/>
    public abstract long LinearScratchSize(int inputs, bool narrow);

    /// <inheritdoc cref="LinearKernel{TLanes}.Multiply"/>
    public abstract void Linear(in LinearJob job, int rowStart, int rowEnd, int panelStart, int panelEnd, float* scratch);

    /// <inheritdoc cref="RowKernel{TLanes}.LayerNorm"/>
    public abstract void LayerNorm(float* source, float* weight, float* bias, int length, float epsilon, float* destination);

    /// <inheritdoc cref="AttentionKernel{TLanes}.ScratchSize"/>
    public abstract long AttentionScratchSize(int length, int headSize);

    /// <inheritdoc cref="AttentionKernel{TLanes}"/>
    public abstract void Attend(in AttentionJob job, float* scratch);

    /// <inheritdoc cref="GeometricKernel{TLanes}.ScratchSize"/>
    public abstract long GeometricScratchSize(int length);

    /// <inheritdoc cref="GeometricKernel{TLanes}"/>
    public abstract void AttendGeometrically(in GeometricJob job, float* scratch);
}
