namespace Clss.Embedder.Tensors.Cpu;

/// <summary>The widths of SIMD that the kernels exist in.</summary>
public enum CpuTier
{
    /// <summary>One float at a time.</summary>
    Scalar,

    /// <summary>128 bits: SSE2, AdvSimd.</summary>
    Vector128,

    /// <summary>256 bits: AVX2.</summary>
    Vector256,

    /// <summary>512 bits: AVX-512.</summary>
    Vector512,
}
