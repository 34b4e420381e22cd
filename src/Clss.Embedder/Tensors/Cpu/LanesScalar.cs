using System.Runtime.CompilerServices;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>A single float: the tier of machines without usable SIMD.</summary>
internal readonly unsafe struct LanesScalar : ILanes<LanesScalar>
{
    private readonly float _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private LanesScalar(float value) => _value = value;

    public static int Count => 1;

    public static int TileRows => Tile6<LanesScalar>.Rows;

    public static void MultiplyTile(float* left, nint leftStride, float* right, int depth, float* tile) =>
        Tile6<LanesScalar>.Multiply(left, leftStride, right, depth, tile);

    public static void AccumulateTile(float* left, nint leftStride, float* right, int depth, float* tile) =>
        Tile6<LanesScalar>.AccumulateTransposed(left, leftStride, right, depth, tile);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Broadcast(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar MultiplyAdd(LanesScalar left, LanesScalar right, LanesScalar addend) =>
        new((left._value * right._value) + addend._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Max(LanesScalar left, LanesScalar right) => left._value > right._value ? left : right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Min(LanesScalar left, LanesScalar right) => left._value < right._value ? left : right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar SquareRoot(LanesScalar value) => new(MathF.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Round(LanesScalar value) => new(MathF.Round(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar Scale(LanesScalar value, LanesScalar exponent)
    {
        int bits = (int)exponent._value + FloatBits.ExponentBias;
        return new(value._value * BitConverter.Int32BitsToSingle(bits << FloatBits.MantissaLength));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator +(LanesScalar left, LanesScalar right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator -(LanesScalar left, LanesScalar right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator *(LanesScalar left, LanesScalar right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LanesScalar operator /(LanesScalar left, LanesScalar right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => *destination = _value;

    public float Sum() => _value;
}
