using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>A query in 8-bit codes, with the coefficients of its error bound.</summary>
internal readonly unsafe struct Int8Query
{
    /// <summary>Encodes a query [stride] into the words [stride / 4] given by the caller, for rows whose lengths differ from 1 by so much at most.</summary>
    public Int8Query(float* query, int stride, int* words, double lengthError = UnitVector.Tolerance)
    {
        float largest = 0;
        for (int i = 0; i < stride; i++)
        {
            largest = Math.Max(largest, Math.Abs(query[i]));
        }

        Scale = largest / CodeQuantizer.MaximumCode;
        Words = words;
        var codes = (sbyte*)words;
        int sum = 0;
        double codeNorm = 0;
        double residualNorm = 0;
        for (int i = 0; i < stride; i++)
        {
            int code = Math.Clamp((int)MathF.Round(query[i] / Scale), -CodeQuantizer.MaximumCode, CodeQuantizer.MaximumCode);
            codes[i] = (sbyte)code;
            sum += code;
            double stored = (double)Scale * code;
            codeNorm += stored * stored;
            residualNorm += (query[i] - stored) * (query[i] - stored);
        }

        Bias = -CodeQuantizer.Bias * sum;
        (PerError, Constant) = ErrorBound.Int8(Math.Sqrt(codeNorm), Math.Sqrt(residualNorm), lengthError);
    }

    /// <summary>Four codes in each word.</summary>
    public int* Words { get; }

    /// <summary>The form of the codes that <see cref="Cells.MultiplyAddKernel"/> takes, where it was written; else null.</summary>
    public uint* Signed { get; init; }

    public float Scale { get; }

    /// <summary>What to add to the product with biased codes: row codes are stored plus 128.</summary>
    public int Bias { get; }

    /// <summary>The part of the error bound that grows with a block's error, see <see cref="ErrorBound.Int8"/>.</summary>
    public float PerError { get; }

    /// <summary>The part of the error bound that is the same for all blocks.</summary>
    public float Constant { get; }

    /// <summary>What a block's products must exceed for a row to possibly exceed the limit.</summary>
    public float Lower(float limit, float blockError) => limit - ((PerError * blockError) + Constant);
}
