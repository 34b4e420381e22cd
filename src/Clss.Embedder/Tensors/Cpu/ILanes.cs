namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// One SIMD register of floats, or a single float. Every kernel of this folder is written once against it and
/// compiled by the JIT for each width; <see cref="CpuTier"/> chooses the width.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Floats in one register.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the tile that this width works on; it has <c>2 * Count</c> columns.</summary>
    static abstract int TileRows { get; }

    /// <summary>See <see cref="Tile12{TLanes}.Multiply"/>.</summary>
    static abstract void MultiplyTile(float* left, nint leftStride, float* right, int depth, float* tile);

    /// <summary>See <see cref="Tile12{TLanes}.AccumulateTransposed"/>.</summary>
    static abstract void AccumulateTile(float* left, nint leftStride, float* right, int depth, float* tile);

    static abstract TSelf Load(float* source);

    static abstract TSelf Broadcast(float value);

    /// <summary>left * right + addend, fused where the machine can.</summary>
    static abstract TSelf MultiplyAdd(TSelf left, TSelf right, TSelf addend);

    static abstract TSelf Max(TSelf left, TSelf right);

    static abstract TSelf Min(TSelf left, TSelf right);

    static abstract TSelf SquareRoot(TSelf value);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TSelf Round(TSelf value);

    /// <summary>value * 2^exponent for integer exponents in [-126, 127].</summary>
    static abstract TSelf Scale(TSelf value, TSelf exponent);

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    void Store(float* destination);

    /// <summary>The sum over the lanes, in an order fixed for the width.</summary>
    float Sum();
}
