using Clss.Embedder.Tensors;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// The sum of the input tracks (EncodeInputs of esm/models/esm3.py) when only coordinates are given. All but the structure token is one of four rows,
/// which are added up once, in double precision: begin, end, a residue with any atom, a residue without.
/// </summary>
internal sealed class Esm3Input
{
    private const int SequenceVocabulary = 64;
    private const int SequenceBegin = 0;
    private const int SequenceEnd = 2;
    private const int SequenceMask = 32;
    private const int SecondaryStructureVocabulary = 11;
    private const int AccessibilityVocabulary = 19;
    private const int FunctionVocabulary = 260;
    private const int RadialBases = 16;

    private const int BeginRow = 0;
    private const int EndRow = 1;
    private const int ResidueRow = 2;
    private const int EmptyResidueRow = 3;

    private readonly ITensorBackend _backend;
    private readonly Tensor _rows;
    private readonly Tensor _tokenTable;

    public Esm3Input(ITensorBackend backend, Esm3Config config, WeightScope weights)
    {
        _backend = backend;
        int width = config.Width;
        _tokenTable = backend.Upload(weights.Sub("structure_tokens_embed").Read("weight", StructureTokens.Count, width), StructureTokens.Count, width);
        double[] common = CommonTracks(weights, width);
        float[] sequence = weights.Sub("sequence_embed").Read("weight", SequenceVocabulary, width);
        float[] rows = new float[4 * width];
        foreach ((int row, int token, double confidence) in new[]
        {
            (BeginRow, SequenceBegin, 0.0), (EndRow, SequenceEnd, 0.0), (ResidueRow, SequenceMask, 1.0), (EmptyResidueRow, SequenceMask, 0.0),
        })
        {
            double[] projected = ProjectConfidence(weights.Sub("structure_per_res_plddt_projection"), width, confidence);
            for (int i = 0; i < width; i++)
            {
                rows[(row * width) + i] = (float)(common[i] + projected[i] + sequence[(token * width) + i]);
            }
        }

        _rows = backend.Upload(rows, 4, width);
    }

    public Tensor Embed(ReadOnlySpan<int> tokens, ReadOnlySpan<bool> hasAnyAtom)
    {
        int[] rows = new int[tokens.Length];
        float[] ones = new float[tokens.Length];
        Array.Fill(ones, 1f);
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = tokens[i] switch
            {
                StructureTokens.Begin => BeginRow,
                StructureTokens.End => EndRow,
                _ => hasAnyAtom[i] ? ResidueRow : EmptyResidueRow,
            };
        }

        Tensor x = _backend.Allocate(tokens.Length, _rows.Columns);
        _backend.Embed(_rows, rows, ones, x);
        _backend.AddEmbedding(_tokenTable, tokens, x);
        return x;
    }

    /// <summary>Tracks without data, which every position has alike: the row 0 of each table as it is stored, and the average confidence of 1.</summary>
    private static double[] CommonTracks(WeightScope weights, int width)
    {
        double[] sum = ProjectConfidence(weights.Sub("plddt_projection"), width, 1.0);
        float[] structure = weights.Sub("ss8_embed").Read("weight", SecondaryStructureVocabulary, width);
        float[] accessibility = weights.Sub("sasa_embed").Read("weight", AccessibilityVocabulary, width);
        for (int i = 0; i < width; i++)
        {
            sum[i] += structure[i] + (double)accessibility[i];
        }

        int track = width / Esm3Config.FunctionTracks;
        for (int k = 0; k < Esm3Config.FunctionTracks; k++)
        {
            float[] table = weights.Sub($"function_embed.{k}").Read("weight", FunctionVocabulary, track);
            for (int i = 0; i < track; i++)
            {
                sum[(k * track) + i] += table[i];
            }
        }

        return sum;
    }

    /// <summary>A linear layer on 16 radial basis functions of a number in [0, 1]: exp(-(16 (value - k/15))^2).</summary>
    private static double[] ProjectConfidence(WeightScope weights, int width, double value)
    {
        float[] weight = weights.Read("weight", width, RadialBases), bias = weights.Read("bias", width);
        double[] result = new double[width];
        for (int i = 0; i < width; i++)
        {
            result[i] = bias[i];
            for (int k = 0; k < RadialBases; k++)
            {
                double distance = (value - ((double)k / (RadialBases - 1))) * RadialBases;
                result[i] += weight[(i * RadialBases) + k] * Math.Exp(-distance * distance);
            }
        }

        return result;
    }
}
