using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;

namespace Clss.Embedder.Tests.Tensors;

/// <summary>The operations of the structure tower, in every width, against the naive reference.</summary>
[Trait("Tier", "any")]
public class CpuStructureOperationTests
{
    private readonly Random _random = new(5);

    public static TheoryData<CpuTier> Tiers => CpuTensorBackendTests.Tiers;

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Linear_OfBFloat16OfEveryShape_EqualsThatOfFloatsBitForBit(CpuTier tier)
    {
        using var cpu = new CpuTensorBackend(2, tier);
        foreach (int rows in new[] { 0, 1, 11, 12, 13, 25, 192, 193, 400 })
        {
            foreach ((int inputs, int outputs) in new[] { (1, 2), (7, 34), (31, 32), (32, 16), (33, 64), (40, 66), (64, 100), (65, 31), (96, 128) })
            {
                foreach (LinearLayout layout in Enum.GetValues<LinearLayout>())
                {
                    if (layout == LinearLayout.Plain || outputs % 2 == 0)
                    {
                        CompareNarrow(cpu, rows, inputs, outputs, layout);
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Linear_WithSwiGluOfEveryShape_EqualsReference(CpuTier tier)
    {
        using var cpu = new CpuTensorBackend(2, tier);
        using var reference = new ReferenceTensorBackend();
        using IDisposable scope = cpu.BeginScope();
        for (int half = 1; half <= 70; half++)
        {
            const int rows = 14, inputs = 9;
            float[] source = Values(rows * inputs), weight = Values(2 * half * inputs), bias = Values(2 * half);
            AssertClose(Run(reference), Run(cpu), 2e-6);

            float[] Run(ITensorBackend backend)
            {
                Tensor result = backend.Allocate(rows, half);
                backend.Linear(backend.Upload(source, rows, inputs), backend.UploadLinear(weight, bias, 2 * half, inputs, LinearLayout.Gated), LinearOutput.SwiGlu, result);
                return TensorBackendTests.Download(backend, result);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void GeometricAttention_OfEveryLength_EqualsReference(CpuTier tier)
    {
        foreach (int heads in new[] { 1, 4, 7, 8, 15, 16, 17, 40 })
        {
            CompareGeometric(tier, [1, 2, 16, 15, 3, 30], heads, firstRowsOnly: false);
            CompareGeometric(tier, [1, 2, 16, 15, 3, 30], heads, firstRowsOnly: true);
        }

        CompareGeometric(tier, [.. Enumerable.Repeat(16, 40)], 8, firstRowsOnly: false);
        CompareGeometric(tier, [130], 3, firstRowsOnly: false);
    }

    [Fact]
    public void Operations_WithWrongShapes_Fail()
    {
        using var cpu = new CpuTensorBackend(1);
        using IDisposable scope = cpu.BeginScope();
        Tensor matrix = cpu.Upload(new float[6], 2, 3);
        LinearWeights gated = cpu.UploadLinear(new float[12], [], 4, 3, LinearLayout.Gated);
        var parameters = new GeometricAttentionParameters { Heads = 1, RotationScales = new float[1], DistanceScales = new float[1] };
        Assert.Throws<ArgumentException>(() => cpu.UploadLinear(new float[9], [], 3, 3, LinearLayout.Gated));
        Assert.Throws<ArgumentException>(() => cpu.Linear(matrix, gated, LinearOutput.Store, cpu.Allocate(2, 4)));
        Assert.Throws<ArgumentException>(() => cpu.Linear(matrix, gated, LinearOutput.SwiGlu, cpu.Allocate(2, 4)));
        Assert.Throws<ArgumentException>(() => cpu.Write(new float[5], cpu.Allocate(2, 3)));
        Assert.Throws<ArgumentException>(() => cpu.ArgMax(matrix, new int[3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => cpu.AddEmbedding(matrix, [2], cpu.Allocate(1, 3)));
        Assert.Throws<ArgumentException>(() => cpu.GeometricAttention(matrix, matrix, new PackedLengths([2]), parameters, matrix));
        Assert.Throws<ArgumentException>(() => new BFloat16Matrix(new ushort[5], 2, 3));
    }

    private void CompareNarrow(CpuTensorBackend cpu, int rows, int inputs, int outputs, LinearLayout layout)
    {
        using IDisposable scope = cpu.BeginScope();
        ushort[] stored = [.. Values(outputs * inputs).Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
        float[] widened = [.. stored.Select(value => BitConverter.UInt32BitsToSingle((uint)value << 16))];
        float[] bias = Values(outputs);
        Tensor source = cpu.Allocate(rows, inputs);
        cpu.Write(Values(rows * inputs), source);
        LinearOutput output = layout == LinearLayout.Gated ? LinearOutput.SwiGlu : LinearOutput.Store;
        int columns = layout == LinearLayout.Gated ? outputs / 2 : outputs;
        Tensor expected = cpu.Allocate(rows, columns), actual = cpu.Allocate(rows, columns);
        cpu.Linear(source, cpu.UploadLinear(widened, bias, outputs, inputs, layout), output, expected);
        cpu.Linear(source, cpu.UploadLinear(new BFloat16Matrix(stored, outputs, inputs), bias, layout), output, actual);
        Assert.Equal(TensorBackendTests.Download(cpu, expected), TensorBackendTests.Download(cpu, actual));
    }

    private void CompareGeometric(CpuTier tier, int[] lengths, int heads, bool firstRowsOnly)
    {
        using var cpu = new CpuTensorBackend(2, tier);
        using var reference = new ReferenceTensorBackend();
        int rows = lengths.Sum();
        float[] projected = Values(rows * 15 * heads), frames = Frames(rows);
        float[] rotation = [.. Values(heads).Select(Math.Abs)], distance = [.. Values(heads).Select(Math.Abs)];
        AssertClose(Run(reference), Run(cpu), 1e-5);

        float[] Run(ITensorBackend backend)
        {
            using IDisposable scope = backend.BeginScope();
            Tensor result = backend.Allocate(firstRowsOnly ? lengths.Length : rows, 3 * heads);
            var parameters = new GeometricAttentionParameters { Heads = heads, RotationScales = rotation, DistanceScales = distance, FirstRowsOnly = firstRowsOnly };
            backend.GeometricAttention(
                backend.Upload(projected, rows, 15 * heads), backend.Upload(frames, rows, RigidFrames.Columns), new PackedLengths(lengths), parameters, result);
            return TensorBackendTests.Download(backend, result);
        }
    }

    /// <summary>Random rotations (from quaternions) and places; every fifth frame is invalid.</summary>
    private float[] Frames(int rows)
    {
        float[] frames = new float[rows * RigidFrames.Columns];
        for (int row = 0; row < rows; row++)
        {
            var q = System.Numerics.Quaternion.Normalize(new(_random.NextSingle() - 0.5f, _random.NextSingle() - 0.5f, _random.NextSingle() - 0.5f, 0.3f));
            System.Numerics.Matrix4x4 m = System.Numerics.Matrix4x4.CreateFromQuaternion(q);
            float[] values = [m.M11, m.M12, m.M13, m.M21, m.M22, m.M23, m.M31, m.M32, m.M33, .. Values(3).Select(value => value * 20), row % 5 == 4 ? 0 : 1];
            values.CopyTo(frames, row * RigidFrames.Columns);
        }

        return frames;
    }

    private float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (_random.NextSingle() * 2) - 1)];

    private static void AssertClose(float[] expected, float[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(Enumerable.Range(0, expected.Length), i => Assert.Equal(expected[i], actual[i], tolerance * Math.Max(1, Math.Abs(expected[i]))));
    }
}
