using Clss.Embedder.Tensors;
using Clss.Embedder.Tensors.Cpu;

namespace Clss.Embedder.Tests.Tensors;

[Trait("Tier", "any")]
public class CpuTensorBackendTests : TensorBackendTests
{
    private readonly Random _random = new(20_250_107);

    public static TheoryData<CpuTier> Tiers => [.. Enum.GetValues<CpuTier>().Where(tier => tier <= new CpuTensorBackend(1).Tier)];

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Linear_OfEveryShape_EqualsReference(CpuTier tier)
    {
        // Every row count around the tile heights, and widths that fill no register.
        double worst = 0;
        for (int rows = 0; rows <= 26; rows++)
        {
            foreach ((int inputs, int outputs) in new[] { (1, 1), (7, 33), (40, 31), (65, 16), (24, 100) })
            {
                worst = Math.Max(worst, CompareLinear(tier, rows, inputs, outputs));
            }
        }

        worst = Math.Max(worst, CompareLinear(tier, 400, 480, 67));
        Assert.InRange(worst, 0, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void LayerNorm_OfEveryLength_EqualsReference(CpuTier tier)
    {
        using var cpu = new CpuTensorBackend(2, tier);
        using var reference = new ReferenceTensorBackend();
        using IDisposable scope = cpu.BeginScope();
        for (int length = 1; length <= 256; length++)
        {
            float[] source = Values(3 * length), weight = Values(length), bias = Values(length);
            float[] actual = Run(cpu), expected = Run(reference);
            Assert.InRange(Difference(expected, actual), 0, 2e-5);

            float[] Run(ITensorBackend backend)
            {
                Tensor result = backend.Allocate(3, length);
                backend.LayerNorm(backend.Upload(source, 3, length), backend.Upload(weight, 1, length), backend.Upload(bias, 1, length), 1e-5f, result);
                return Download(backend, result);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Attention_OfEveryLength_EqualsReference(CpuTier tier)
    {
        // Lengths around the query block, the key block and the tile; head sizes around the tile height.
        double worst = 0;
        foreach (int size in new[] { 2, 10, 12, 24, 32 })
        {
            worst = Math.Max(worst, CompareAttention(tier, [1, 0, 2, 5, 11, 12, 13], 2, size, rotary: true));
            worst = Math.Max(worst, CompareAttention(tier, [31, 32, 33, 63, 65], 1, size, rotary: false));
            worst = Math.Max(worst, CompareAttention(tier, [119, 120, 121, 241], 1, size, rotary: true));
        }

        Assert.InRange(worst, 0, 5e-6);
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Attention_OfLargeScores_StaysFinite(CpuTier tier)
    {
        using var cpu = new CpuTensorBackend(1, tier);
        using IDisposable scope = cpu.BeginScope();
        const int length = 300;
        float[] values = [.. Values(length * 2).Select(value => value * 1e4f)];
        Tensor tensor = cpu.Upload(values, length, 2), result = cpu.Allocate(length, 2);
        cpu.Attention(tensor, tensor, tensor, new PackedLengths([length]), new AttentionParameters { Heads = 1, Scale = 1 }, result);
        Assert.All(Download(cpu, result), value => Assert.InRange(value, -1e4f, 1e4f));
    }

    [Theory]
    [MemberData(nameof(Tiers))]
    public void Gelu_OverTheWholeRange_IsWithinOneTenMillionth(CpuTier tier)
    {
        using var cpu = new CpuTensorBackend(1, tier);
        using IDisposable scope = cpu.BeginScope();
        const int count = 20_000;
        float[] x = [.. Enumerable.Range(0, count).Select(i => (i - (count / 2)) / 1000f)];
        Tensor result = cpu.Allocate(count, 1);
        cpu.Linear(cpu.Upload(x, count, 1), cpu.UploadLinear([1], [], 1, 1), LinearOutput.Gelu, result);
        double worst = x.Zip(Download(cpu, result), (a, b) => Math.Abs(ReferenceTensorBackend.Gelu(a) - b) / Math.Max(1, Math.Abs(a))).Max();
        Assert.InRange(worst, 0, 1e-7);
    }

    [Fact]
    public void Linear_IntoAWindow_LeavesTheRestAlone()
    {
        using var cpu = new CpuTensorBackend(2);
        using IDisposable scope = cpu.BeginScope();
        const int rows = 5, columns = 37;
        Tensor whole = cpu.Upload([.. Enumerable.Repeat(-1f, (rows + 2) * (columns + 2))], rows + 2, columns + 2);
        Tensor source = cpu.Upload(Values(rows * 3), rows, 3);
        cpu.Linear(source, cpu.UploadLinear(new float[columns * 3], [], columns, 3), LinearOutput.Store, whole.Slice(1, rows, 1, columns));
        float[] result = Download(cpu, whole);
        for (int i = 0; i < result.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, columns + 2);
            bool inside = row is >= 1 and <= rows && column is >= 1 and <= columns;
            Assert.Equal(inside ? 0f : -1f, result[i]);
        }
    }

    [Fact]
    public void Operations_WithWrongShapesOrForeignTensors_Fail()
    {
        using var cpu = new CpuTensorBackend(1);
        using var other = new CpuTensorBackend(1);
        using IDisposable scope = cpu.BeginScope();
        Tensor matrix = cpu.Upload(new float[6], 2, 3);
        LinearWeights weights = cpu.UploadLinear(new float[6], [], 2, 3);
        Assert.Throws<ArgumentException>(() => cpu.Upload(new float[5], 2, 3));
        Assert.Throws<ArgumentException>(() => cpu.UploadLinear(new float[6], new float[1], 2, 3));
        Assert.Throws<ArgumentException>(() => cpu.Linear(matrix, weights, LinearOutput.Store, cpu.Allocate(2, 3)));
        Assert.Throws<ArgumentException>(() => cpu.Linear(matrix, weights, LinearOutput.Store, cpu.Allocate(3, 2)));
        Assert.Throws<ArgumentException>(() => cpu.Linear(other.Upload(new float[6], 2, 3), weights, LinearOutput.Store, cpu.Allocate(2, 2)));
        Assert.Throws<ArgumentException>(() => other.Linear(other.Upload(new float[6], 2, 3), weights, LinearOutput.Store, other.Upload(new float[4], 2, 2)));
        Assert.Throws<ArgumentException>(() => cpu.Attention(matrix, matrix, matrix, new PackedLengths([2]), new AttentionParameters { Heads = 2, Scale = 1 }, matrix));
        Assert.Throws<ArgumentOutOfRangeException>(() => cpu.Embed(matrix, [2], [1f], cpu.Allocate(1, 3)));
        Assert.Throws<ArgumentException>(() => cpu.LayerNorm(matrix, matrix, matrix, 1e-5f, matrix));
        Assert.Throws<ArgumentException>(() => cpu.Download(matrix, new float[5]));
        Assert.Throws<InvalidOperationException>(() => other.Allocate(1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuTensorBackend(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CpuTensorBackend(1, (CpuTier)99));
    }

    [Fact]
    public void Operations_AfterDispose_Fail()
    {
        var cpu = new CpuTensorBackend(1);
        Tensor tensor = cpu.Upload([1], 1, 1);
        cpu.Dispose();
        cpu.Dispose();
        Assert.Throws<ObjectDisposedException>(() => cpu.Upload([1], 1, 1));
        Assert.Throws<ObjectDisposedException>(() => cpu.Download(tensor, new float[1]));
        Assert.Throws<ObjectDisposedException>(() => cpu.BeginScope());
    }

    protected override ITensorBackend CreateBackend() => new CpuTensorBackend(2);

    private static double Difference(float[] expected, float[] actual) => expected.Zip(actual, (a, b) => (double)Math.Abs(a - b)).DefaultIfEmpty().Max();

    private float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => (_random.NextSingle() * 2) - 1)];

    private double CompareLinear(CpuTier tier, int rows, int inputs, int outputs)
    {
        using var cpu = new CpuTensorBackend(2, tier);
        using var reference = new ReferenceTensorBackend();
        float[] source = Values(rows * inputs), weight = Values(outputs * inputs), bias = Values(outputs), before = Values(rows * outputs);
        double worst = 0;
        foreach (LinearOutput output in Enum.GetValues<LinearOutput>().Where(output => output != LinearOutput.SwiGlu))
        {
            worst = Math.Max(worst, Difference(Run(reference, output), Run(cpu, output)));
        }

        return worst / Math.Sqrt(inputs);

        float[] Run(ITensorBackend backend, LinearOutput output)
        {
            using IDisposable scope = backend.BeginScope();
            Tensor result = backend.Upload(before, rows, outputs);
            backend.Linear(backend.Upload(source, rows, inputs), backend.UploadLinear(weight, bias, outputs, inputs), output, result);
            return Download(backend, result);
        }
    }

    private double CompareAttention(CpuTier tier, int[] lengths, int heads, int size, bool rotary)
    {
        using var cpu = new CpuTensorBackend(2, tier);
        using var reference = new ReferenceTensorBackend();
        int rows = lengths.Sum();
        float[] values = [.. Values(rows * 3 * heads * size).Select(value => value * 3)];
        return Difference(Run(reference), Run(cpu));

        float[] Run(ITensorBackend backend)
        {
            using IDisposable scope = backend.BeginScope();
            int width = heads * size;
            Tensor all = backend.Upload(values, rows, 3 * width);
            Tensor result = backend.Allocate(rows, width);
            var parameters = new AttentionParameters { Heads = heads, Scale = 1f / MathF.Sqrt(size), Rotary = rotary };
            backend.Attention(all.SliceColumns(0, width), all.SliceColumns(width, width), all.SliceColumns(2 * width, width), new PackedLengths(lengths), parameters, result);
            return Download(backend, result);
        }
    }
}
