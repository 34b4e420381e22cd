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
