using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

/// <summary>What every backend must do, with numbers that can be checked by hand. Derive it for a new backend.</summary>
public abstract class TensorBackendTests
{
    private const float Tolerance = 2e-6f;

    protected abstract ITensorBackend CreateBackend();

    [Fact]
    public void Download_OfUploaded_IsTheSame()
    {
        using ITensorBackend backend = CreateBackend();
        float[] values = [1, 2, 3, 4, 5, 6];
        Assert.Equal(values, Download(backend, backend.Upload(values, 2, 3)));
        Assert.Equal([5f, 6f], Download(backend, backend.Upload(values, 2, 3).Slice(1, 1, 1, 2)));
        Assert.Equal([2f, 5f], Download(backend, backend.Upload(values, 2, 3).SliceColumns(1, 1)));
    }

    [Fact]
    public void Slice_BeyondTheTensor_Fails()
    {
        using ITensorBackend backend = CreateBackend();
        Tensor tensor = backend.Upload(new float[6], 2, 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(1, 2, 0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(0, 2, 1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => tensor.Slice(-1, 1, 0, 1));
    }

    [Fact]
    public void Embed_ScalesRowsOfTheTable()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor table = backend.Upload([1, 2, 3, 4, 5, 6], 3, 2);
        Tensor result = backend.Allocate(3, 2);
        backend.Embed(table, [2, 0, 2], [1f, 10f, 0f], result);
        Assert.Equal([5f, 6f, 10f, 20f, 0f, 0f], Download(backend, result));
    }

    [Fact]
    public void Linear_StoresOrAdds()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor source = backend.Upload([1, 2, 3, 4], 2, 2);
        LinearWeights weights = backend.UploadLinear([1, 0, 0, 1, 1, -1], [0.5f, 0, 100], 3, 2);
        Tensor result = backend.Allocate(2, 3);
        backend.Linear(source, weights, LinearOutput.Store, result);
        Assert.Equal([1.5f, 2f, 99f, 3.5f, 4f, 99f], Download(backend, result));
        backend.Linear(source, weights, LinearOutput.Add, result);
        Assert.Equal([3f, 4f, 198f, 7f, 8f, 198f], Download(backend, result));
    }

    [Fact]
    public void Linear_WithoutBias_AddsNothing()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor result = backend.Allocate(1, 1);
        backend.Linear(backend.Upload([3, 4], 1, 2), backend.UploadLinear([10, 1], [], 1, 2), LinearOutput.Store, result);
        Assert.Equal([34f], Download(backend, result));
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(1f, 0.841344746f)]
    [InlineData(-1f, -0.158655254f)]
    [InlineData(0.5f, 0.345731231f)]
    [InlineData(-3f, -0.00404969409f)]
    [InlineData(6f, 6f)]
    [InlineData(-8f, 0f)]
    [InlineData(-1000f, 0f)]
    [InlineData(1000f, 1000f)]
    public void Linear_WithGelu_IsExact(float x, float expected)
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor result = backend.Allocate(1, 1);
        backend.Linear(backend.Upload([x], 1, 1), backend.UploadLinear([1], [], 1, 1), LinearOutput.Gelu, result);
        Assert.Equal(expected, Download(backend, result)[0], 2e-7f);
    }

    [Fact]
    public void LayerNorm_NormalisesRows()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor weight = backend.Upload([1, 1, 1, 2], 1, 4), bias = backend.Upload([0, 0, 0, 1], 1, 4);
        Tensor result = backend.Allocate(2, 4);
        backend.LayerNorm(backend.Upload([1, 2, 3, 4, 7, 7, 7, 7], 2, 4), weight, bias, 1e-5f, result);

        // Deviations -1.5 -0.5 0.5 1.5, variance 1.25.
        AssertClose([-1.3416354f, -0.4472118f, 0.4472118f, 3.6832708f, 0, 0, 0, 1], Download(backend, result));
    }

    [Fact]
    public void Attention_WithEqualKeys_IsTheMeanOfEachSequence()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor queries = backend.Upload([1, 2, 3, 4, 5, 6], 3, 2), keys = backend.Upload([1, 1, 1, 1, 1, 1], 3, 2);
        Tensor values = backend.Upload([1, 10, 3, 30, 7, 70], 3, 2);
        Tensor result = backend.Allocate(3, 2);
        var parameters = new AttentionParameters { Heads = 1, Scale = 1, Rotary = false };
        backend.Attention(queries, keys, values, new PackedLengths([2, 0, 1]), parameters, result);
        AssertClose([2, 20, 2, 20, 7, 70], Download(backend, result));
    }

    [Fact]
    public void Attention_WithTwoHeads_KeepsThemApart()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();

        // Head 0 scores ln 3 against 0, head 1 the other way round.
        float ln3 = MathF.Log(3);
        Tensor queries = backend.Upload([1, 1, 1, 1], 2, 2), keys = backend.Upload([ln3, 0, 0, ln3], 2, 2);
        Tensor values = backend.Upload([4, 4, 8, 8], 2, 2);
        Tensor result = backend.Allocate(2, 2);
        backend.Attention(queries, keys, values, new PackedLengths([2]), new AttentionParameters { Heads = 2, Scale = 1, Rotary = false }, result);
        AssertClose([5, 7, 5, 7], Download(backend, result));
    }

    [Fact]
    public void Attention_WithRotary_DependsOnTheDistance()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();

        // Head size 2: one angle of 1 radian a step, so the score of positions i and j is cos(i - j).
        Tensor ones = backend.Upload([1, 0, 1, 0, 1, 0], 3, 2);
        Tensor values = backend.Upload([1, 0, 0, 1, 0, 0], 3, 2);
        Tensor result = backend.Allocate(3, 2);
        backend.Attention(ones, ones, values, new PackedLengths([3]), new AttentionParameters { Heads = 1, Scale = 2 }, result);
        double same = Math.Exp(2), one = Math.Exp(2 * Math.Cos(1)), two = Math.Exp(2 * Math.Cos(2));
        AssertClose(
            [
                (float)(same / (same + one + two)), (float)(one / (same + one + two)),
                (float)(one / (same + one + one)), (float)(same / (same + one + one)),
                (float)(two / (same + one + two)), (float)(one / (same + one + two)),
            ],
            Download(backend, result));
    }

    [Fact]
    public void Write_ThenAddEmbedding_Adds()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor table = backend.Upload([1, 2, 3, 4], 2, 2), result = backend.Allocate(3, 2);
        backend.Write([10, 20, 30, 40, 50, 60], result);
        backend.AddEmbedding(table, [1, 0, 1], result);
        Assert.Equal([13f, 24f, 31f, 42f, 53f, 64f], Download(backend, result));
    }

    [Fact]
    public void Linear_Scaled_AddsAFraction()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor result = backend.Allocate(1, 1);
        backend.Write([5], result);
        backend.Linear(backend.Upload([3, 4], 1, 2), backend.UploadLinear([10, 1], [2], 1, 2), LinearOutput.Add, result, 0.5f);
        Assert.Equal([23f], Download(backend, result));
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(1f, 0.731058579f)]
    [InlineData(-1f, -0.268941421f)]
    [InlineData(-5f, -0.0334642546f)]
    [InlineData(20f, 20f)]
    [InlineData(-90f, 0f)]
    [InlineData(-1e6f, 0f)]
    [InlineData(1e6f, 1e6f)]
    public void Linear_WithSwiGlu_GatesTheSecondHalf(float x, float expected)
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor result = backend.Allocate(1, 2);

        // Gates x and x - 1, values 1 and 2.
        LinearWeights weights = backend.UploadLinear([1, 1, 0, 0], [0, -1, 1, 2], 4, 1, LinearLayout.Gated);
        backend.Linear(backend.Upload([x], 1, 1), weights, LinearOutput.SwiGlu, result);
        float[] values = Download(backend, result);
        Assert.Equal(expected, values[0], 3e-7f * Math.Max(1, Math.Abs(expected)));
        double gate = x - 1.0;
        Assert.Equal(2 * gate / (1 + Math.Exp(-gate)), values[1], 6e-7 * Math.Max(1, Math.Abs(expected)));
    }

    [Fact]
    public void UploadLinear_OfBFloat16_IsThatOfTheWidenedNumbers()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        ushort[] stored = [0x3F80, 0x4000, 0xC040, 0x3E80];
        Tensor source = backend.Upload([1, 10], 1, 2), result = backend.Allocate(1, 2);
        backend.Linear(source, backend.UploadLinear(new BFloat16Matrix(stored, 2, 2), [100, 0]), LinearOutput.Store, result);
        Assert.Equal([121f, -0.5f], Download(backend, result));
    }

    [Fact]
    public void ArgMax_FindsTheFirstOfTheLargest()
    {
        using ITensorBackend backend = CreateBackend();
        int[] columns = new int[3];
        backend.ArgMax(backend.Upload([1, 5, 5, -3, -1, -2, 7, 0, 7], 3, 3), columns);
        Assert.Equal([1, 1, 0], columns);
    }

    [Fact]
    public void GeometricAttention_OfOneRow_GivesItsValueBack()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();

        // A quarter turn about z, far away; then a row without a frame.
        Tensor frames = backend.Upload([0, -1, 0, 1, 0, 0, 0, 0, 1, 100, 200, 300, 1, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0], 2, RigidFrames.Columns);
        float[] row = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        Tensor projected = backend.Upload([.. row, .. row], 2, 15), result = backend.Allocate(2, 3);
        var parameters = new GeometricAttentionParameters { Heads = 1, RotationScales = new float[] { 1 }, DistanceScales = new float[] { 1 } };
        backend.GeometricAttention(projected, frames, new PackedLengths([2]), parameters, result);
        AssertClose([7, 8, 9, 0, 0, 0], Download(backend, result));
    }

    [Fact]
    public void GeometricAttention_ByDistance_PrefersTheNear()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();

        // Frames without rotation at 0, 1 and 3 on x; only distances count: weights e^0, e^-1, e^-3 from the first row.
        float[] Frame(float x) => [1, 0, 0, 0, 1, 0, 0, 0, 1, x, 0, 0, 1];
        float[] Row(float value) => [0, 0, 0, 0, 0, 0, value, 0, 0, 0, 0, 0, 0, 0, 0];
        Tensor frames = backend.Upload([.. Frame(0), .. Frame(1), .. Frame(3)], 3, RigidFrames.Columns);
        Tensor projected = backend.Upload([.. Row(1), .. Row(10), .. Row(100)], 3, 15), result = backend.Allocate(1, 3);
        var parameters = new GeometricAttentionParameters { Heads = 1, RotationScales = new float[] { 5 }, DistanceScales = new float[] { 1 }, FirstRowsOnly = true };
        backend.GeometricAttention(projected, frames, new PackedLengths([3]), parameters, result);
        double near = Math.Exp(-1), far = Math.Exp(-3);
        Assert.Equal((1 + (10 * near) + (100 * far)) / (1 + near + far), Download(backend, result)[0], 2e-5);
    }

    [Fact]
    public void MeanPool_AveragesEachSequence()
    {
        using ITensorBackend backend = CreateBackend();
        using IDisposable scope = backend.BeginScope();
        Tensor result = backend.Allocate(2, 2);
        backend.MeanPool(backend.Upload([1, 10, 3, 30, 7, 70], 3, 2), new PackedLengths([2, 1]), result);
        Assert.Equal([2f, 20f, 7f, 70f], Download(backend, result));
    }

    internal static float[] Download(ITensorBackend backend, Tensor tensor)
    {
        float[] values = new float[tensor.Rows * tensor.Columns];
        backend.Download(tensor, values);
        return values;
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], actual[i], Tolerance);
        }
    }
}
