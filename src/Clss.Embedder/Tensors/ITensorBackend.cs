namespace Clss.Embedder.Tensors;

/// <summary>
/// The operations that the networks are written in. A backend holds no network, and a network no arithmetic.
/// Every row of a result depends on the rows (attention and pooling: on the sequence) it is computed from and on nothing else,
/// so that a sequence's embedding is the same, bit for bit, in every batch and with any number of threads.
/// One computation at a time: a backend is not safe for concurrent use.
/// </summary>
public interface ITensorBackend : IDisposable
{
    /// <summary>What computes, for people to read.</summary>
    string Name { get; }

    /// <summary>Copies constants [rows, columns] to the backend; they live as long as it does.</summary>
    Tensor Upload(ReadOnlySpan<float> values, int rows, int columns);

    /// <summary>Copies weight [outputs, inputs] and bias [outputs], which may be empty, to the backend; they live as long as it does.</summary>
    LinearWeights UploadLinear(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int outputs, int inputs);

    /// <summary>Copies a tensor row by row to the caller.</summary>
    void Download(Tensor source, Span<float> destination);

    /// <summary>Until the result is disposed, <see cref="Allocate"/> works; then all that it gave is void. Scopes may be nested.</summary>
    IDisposable BeginScope();

    /// <summary>Memory for [rows, columns] with undefined content, until the innermost scope ends.</summary>
    Tensor Allocate(int rows, int columns);

    /// <summary>destination row i = table row ids[i] * scales[i].</summary>
    void Embed(Tensor table, ReadOnlySpan<int> ids, ReadOnlySpan<float> scales, Tensor destination);

    /// <summary>Normalises every row (biased variance), times weight plus bias [1, columns]. The source may be the destination.</summary>
    void LayerNorm(Tensor source, Tensor weight, Tensor bias, float epsilon, Tensor destination);

    /// <summary>source [n, inputs] times the transposed weight, plus bias, into destination [n, outputs] in the given way.</summary>
    void Linear(Tensor source, LinearWeights weights, LinearOutput output, Tensor destination);

    /// <summary>softmax(scale q k') v per sequence and head, all [total tokens, heads * head size]; memory grows with the length, not its square.</summary>
    void Attention(Tensor queries, Tensor keys, Tensor values, PackedLengths lengths, AttentionParameters parameters, Tensor destination);

    /// <summary>destination row i = mean of the rows of sequence i.</summary>
    void MeanPool(Tensor source, PackedLengths lengths, Tensor destination);
}
