using Clss.Index.Vectors;

namespace Clss.Index.Hnsw;

/// <summary>A query in 8-bit codes, in memory that is reused: signed bytes [stride] and the same as 16-bit numbers.</summary>
internal sealed unsafe class CodedQuery : IDisposable
{
    private readonly NativeArray<short> _memory;

    public CodedQuery(int vectorStride)
    {
        VectorStride = vectorStride;
        Stride = RowCodes.Stride(vectorStride);
        _memory = new NativeArray<short>(2L * Stride);
    }

    public int VectorStride { get; }

    /// <summary>Codes per row.</summary>
    public int Stride { get; }

    public sbyte* Codes => (sbyte*)(_memory.Pointer + Stride);

    public short* Wide => _memory.Pointer;

    /// <summary>A product of codes times this is a similarity, once <see cref="Bias"/> is added.</summary>
    public float Scale { get; private set; }

    /// <summary>What the bias of the row codes adds to every product, negated.</summary>
    public int Bias { get; private set; }

    /// <summary>
    /// Four standard deviations of the error of a similarity by codes. Rounding moves an element by up to half a scale, evenly distributed, so by
    /// scale / √12 in the mean square; over unit vectors the errors of row and query add up to that of one element each.
    /// </summary>
    public float Error { get; private set; }

    /// <summary>Takes over a query [stride] for rows of a scale.</summary>
    public void Set(float* query, float rowScale)
    {
        float largest = 0;
        for (int i = 0; i < VectorStride; i++)
        {
            largest = Math.Max(largest, Math.Abs(query[i]));
        }

        float scale = largest > 0 ? largest / CodeQuantizer.MaximumCode : 1;
        int sum = 0;
        for (int i = 0; i < VectorStride; i++)
        {
            int code = RowCodes.Quantize(query[i], scale);
            Codes[i] = (sbyte)code;
            Wide[i] = (short)code;
            sum += code;
        }

        Scale = scale * rowScale;
        Error = 4 * MathF.Sqrt(((scale * scale) + (rowScale * rowScale)) / 12);
        Bias = -CodeQuantizer.Bias * sum;
    }

    /// <summary>The similarity that a product stands for.</summary>
    public float Similarity(int product) => ((long)product + Bias) * Scale;

    /// <summary>The product that stands for a similarity.</summary>
    public int Product(float similarity) => (int)Math.Clamp(((double)similarity / Scale) - Bias, int.MinValue, int.MaxValue);

    public void Dispose() => _memory.Dispose();
}
