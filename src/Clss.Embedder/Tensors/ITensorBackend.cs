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
    LinearWeights UploadLinear(
        ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int outputs, int inputs, LinearLayout layout = LinearLayout.Plain);

    /// <summary>
    /// Takes a weight [outputs, inputs] that stays bfloat16 and is widened while it is computed with; it must outlive the backend.
    /// The bias may be empty. Results are those of the widened numbers, to the last bit.
    /// </summary>
    LinearWeights UploadLinear(BFloat16Matrix weight, ReadOnlySpan<float> bias, LinearLayout layout = LinearLayout.Plain);

    /// <summary>Copies numbers [rows, columns] from the caller into a tensor.</summary>
    void Write(ReadOnlySpan<float> values, Tensor destination);

    /// <summary>Copies a tensor row by row to the caller.</summary>
    void Download(Tensor source, Span<float> destination);

    /// <summary>Until the result is disposed, <see cref="Allocate"/> works; then all that it gave is void. Scopes may be nested.</summary>
    IDisposable BeginScope();

    /// <summary>Memory for [rows, columns] with undefined content, until the innermost scope ends.</summary>
    Tensor Allocate(int rows, int columns);

    /// <summary>destination row i = table row ids[i] * scales[i].</summary>
    void Embed(Tensor table, ReadOnlySpan<int> ids, ReadOnlySpan<float> scales, Tensor destination);

    /// <summary>destination row i += table row ids[i].</summary>
    void AddEmbedding(Tensor table, ReadOnlySpan<int> ids, Tensor destination);

    /// <summary>Normalises every row (biased variance), times weight plus bias [1, columns]. The source may be the destination.</summary>
    void LayerNorm(Tensor source, Tensor weight, Tensor bias, float epsilon, Tensor destination);

    /// <summary>
    /// source [n, inputs] times the transposed weight, plus bias, into destination [n, outputs] (SwiGLU: half as many columns) in the given way.
    /// </summary>
    /// <param name="source">[n, inputs].</param>
    /// <param name="weights">SwiGLU needs gated ones, all else plain ones.</param>
    /// <param name="output">What becomes of the result.</param>
    /// <param name="destination">Where it goes.</param>
    /// <param name="scale">Factor of what <see cref="LinearOutput.Add"/> adds.</param>
    void Linear(Tensor source, LinearWeights weights, LinearOutput output, Tensor destination, float scale = 1f);

    /// <summary>softmax(scale q k') v per sequence and head, all [total tokens, heads * head size]; memory grows with the length, not its square.</summary>
    void Attention(Tensor queries, Tensor keys, Tensor values, PackedLengths lengths, AttentionParameters parameters, Tensor destination);

    /// <summary>
    /// Geometric attention (ESM3) within each sequence. For h heads a row of <paramref name="projected"/> [n, 15 h] holds rotation queries, rotation keys,
    /// values, distance queries and distance keys, each h vectors of 3. With the row's frame (R, t), the first three become R v and the last two R v + t;
    /// the score of rows i and j is a (query_i . key_j) - b |distance query_i - distance key_j|, and the result R_i' sum_j softmax_j value_j.
    /// Rows of invalid frames are no keys, and their own result is 0.
    /// </summary>
    /// <param name="projected">[n, 15 h].</param>
    /// <param name="frames">[n, 13] as <see cref="RigidFrames"/> lays them out.</param>
    /// <param name="lengths">The sequences.</param>
    /// <param name="parameters">Heads and their factors a and b.</param>
    /// <param name="destination">[n, 3 h], or [sequences, 3 h] for first rows only.</param>
    void GeometricAttention(Tensor projected, Tensor frames, PackedLengths lengths, GeometricAttentionParameters parameters, Tensor destination);

    /// <summary>Writes the column of each row's largest number, the first of equals.</summary>
    void ArgMax(Tensor source, Span<int> destination);

    /// <summary>destination row i = mean of the rows of sequence i.</summary>
    void MeanPool(Tensor source, PackedLengths lengths, Tensor destination);
}
