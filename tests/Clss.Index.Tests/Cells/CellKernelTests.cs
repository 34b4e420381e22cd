using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Clss.Index.Cells;
using Clss.Index.Flat;
using Clss.Index.Vectors;

namespace Clss.Index.Tests.Cells;

/// <summary>The kernels over codes against sums of decoded codes: every tier gives the same bits, which lie within the error bound of the exact values.</summary>
[Trait("Tier", "any")]
public sealed unsafe class CellKernelTests
{
    private const int BlockRows = VectorLayout.CodeBlockRows;

    public static TheoryData<int, int> Shapes
    {
        get
        {
            var shapes = new TheoryData<int, int>();
            foreach (int stride in (int[])[16, 32, 48, 64, 256])
            {
                foreach (int blocks in (int[])[0, 1, 2, 3, 7, 64])
                {
                    shapes.Add(stride, blocks);
                }
            }

            return shapes;
        }
    }

    private delegate void ScoreTier(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float* scores);

    private delegate void ExceedingTier(byte* codes, float* scales, int blocks, int stride, in Int8Query query, float limit, ushort* masks);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Scores_InEveryTier_EqualTheSumsOfCodes(int stride, int blocks)
    {
        using var data = new Coded(stride, blocks);
        float[] expected = data.NaiveScores();
        for (int row = 0; row < expected.Length; row++)
        {
            float bound = data.Query.Constant + (data.Query.PerError * data.Scales[(2 * (row / BlockRows)) + 1]);
            Assert.InRange(data.Exact(row), expected[row] - bound, expected[row] + bound);
        }

        foreach ((string name, ScoreTier tier) in ScoreTiers(stride))
        {
            // What lies beyond the last block must stay as it was.
            float[] found = data.Scores(tier, guard: 12345);
            Assert.True(expected.AsSpan().SequenceEqual(found.AsSpan(0, expected.Length)), name);
            Assert.All(found[expected.Length..], value => Assert.Equal(12345, value));
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Exceeding_InEveryTier_HasTheRowsAboveTheLimit(int stride, int blocks)
    {
        using var data = new Coded(stride, blocks);
        float[] scores = data.NaiveScores();
        foreach (float limit in scores.Take(20).Concat([float.NegativeInfinity, -2, -0.3f, 0, 0.3f, 2, float.PositiveInfinity]))
        {
            ushort[] expected = data.NaiveExceeding(scores, limit);
            foreach ((string name, ExceedingTier tier) in ExceedingTiers(stride))
            {
                ushort[] found = data.Exceeding(tier, limit, guard: 0xABCD);
                Assert.True(expected.AsSpan().SequenceEqual(found.AsSpan(0, blocks)), $"{name} at {limit}");
                Assert.Equal(0xABCD, found[blocks]);
            }

            for (int row = 0; row < scores.Length; row++)
            {
                bool isFound = (expected[row / BlockRows] & (1 << (row % BlockRows))) != 0;
                Assert.True(isFound || data.Exact(row) <= limit, $"row {row} at {data.Exact(row)} dropped at limit {limit}");
            }
        }
    }

    public static TheoryData<string> Extremes => ["query 127", "query -127", "query 0", "rows 127", "rows -127", "rows 0", "all 127", "all -127", "opposite", "alternating"];

    /// <summary>Codes at the ends of their range: the sums of any step that saturates would show.</summary>
    [Theory]
    [MemberData(nameof(Extremes))]
    public void Scores_OfExtremeCodes_AreExactInEveryTier(string extremes)
    {
        foreach (int stride in (int[])[16, 32, 64])
        {
            using var data = new Coded(stride, 3);
            data.Overwrite(
                j => extremes switch { "query 127" or "all 127" or "opposite" => 127, "query -127" or "all -127" => -127, "query 0" => j == 3 ? 127 : 0, "alternating" => j % 2 == 0 ? 127 : -127, _ => null },
                (row, j) => extremes switch { "rows 127" or "all 127" => 127, "rows -127" or "all -127" or "opposite" => -127, "rows 0" => 0, "alternating" => (row + j) % 2 == 0 ? 127 : -127, _ => null });
            float[] expected = data.NaiveScores();
            foreach ((string name, ScoreTier tier) in ScoreTiers(stride))
            {
                Assert.True(expected.AsSpan().SequenceEqual(data.Scores(tier, guard: 1).AsSpan(0, expected.Length)), $"{name} of {stride}");
            }

            foreach (float limit in (float[])[expected[0], expected[^1], 0, -100, 100])
            {
                foreach ((string name, ExceedingTier tier) in ExceedingTiers(stride))
                {
                    Assert.Equal(data.NaiveExceeding(expected, limit), data.Exceeding(tier, limit, guard: 0)[..3]);
                    Assert.NotEmpty(name);
                }
            }
        }
    }

    private static List<(string, ScoreTier)> ScoreTiers(int stride)
    {
        List<(string, ScoreTier)> tiers = [("dispatch", CellKernel.Scores), ("scalar", CellKernel.ScoresScalar), ("256", CellKernel.Scores256)];
        if (AvxVnni.IsSupported)
        {
            tiers.Add(("VNNI", CellKernel.ScoresVnni));
        }

        if (AvxVnni.IsSupported && stride == 32)
        {
            tiers.Add(("VNNI of 32", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float* scores) =>
                CellKernel.ScoresVnni32(codes, scales, blocks, query, scores)));
        }

        if (Avx2.IsSupported && stride == 32)
        {
            tiers.Add(("multiply-add", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float* scores) =>
                MultiplyAddKernel.Scores(codes, scales, blocks, query, scores)));
            tiers.Add(("multiply-add 256", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float* scores) =>
                MultiplyAddKernel.Scores256(codes, scales, blocks, query, scores)));
            tiers.Add(("multiply-add 256, prepared", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float* scores) =>
            {
                uint* room = stackalloc uint[SignedQuery.Length];
                SignedQuery.Write(query, room);
                MultiplyAddKernel.Scores256(codes, scales, blocks, query with { Signed = room }, scores);
            }
            ));
        }

        if (Avx512BW.IsSupported && stride == 32)
        {
            tiers.Add(("multiply-add 512", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float* scores) =>
                MultiplyAddKernel.Scores512(codes, scales, blocks, query, scores)));
        }

        return tiers;
    }

    private static List<(string, ExceedingTier)> ExceedingTiers(int stride)
    {
        List<(string, ExceedingTier)> tiers = [("dispatch", CellKernel.Exceeding), ("scalar", CellKernel.ExceedingScalar), ("256", CellKernel.Exceeding256)];
        if (AvxVnni.IsSupported && stride == 32)
        {
            tiers.Add(("VNNI of 32", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float limit, ushort* masks) =>
                CellKernel.ExceedingVnni32(codes, scales, blocks, query, limit, masks)));
        }

        if (Avx2.IsSupported && stride == 32)
        {
            tiers.Add(("multiply-add", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float limit, ushort* masks) =>
                MultiplyAddKernel.Exceeding(codes, scales, blocks, query, limit, masks)));
            tiers.Add(("multiply-add 256", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float limit, ushort* masks) =>
                MultiplyAddKernel.Exceeding256(codes, scales, blocks, query, limit, masks)));
            tiers.Add(("multiply-add 256, prepared", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float limit, ushort* masks) =>
            {
                uint* room = stackalloc uint[SignedQuery.Length];
                SignedQuery.Write(query, room);
                MultiplyAddKernel.Exceeding256(codes, scales, blocks, query with { Signed = room }, limit, masks);
            }
            ));
        }

        if (Avx512BW.IsSupported && stride == 32)
        {
            tiers.Add(("multiply-add 512", (byte* codes, float* scales, int blocks, int _, in Int8Query query, float limit, ushort* masks) =>
                MultiplyAddKernel.Exceeding512(codes, scales, blocks, query, limit, masks)));
        }

        return tiers;
    }

    /// <summary>Blocks of rows of different lengths, one of zeros, one with the largest codes, and a query.</summary>
    private sealed class Coded : IDisposable
    {
        private readonly int _stride;
        private readonly int _blocks;
        private readonly float[] _rows;
        private readonly float[] _query;
        private readonly byte* _codes;
        private readonly int* _words;

        public Coded(int stride, int blocks)
        {
            _stride = stride;
            _blocks = blocks;
            _rows = new float[blocks * BlockRows * stride];
            _query = Samples.Unit(stride + 1, stride);
            for (int row = 0; row < blocks * BlockRows; row++)
            {
                float length = (row % 5) switch { 0 => 1, 1 => 0, _ => 0.9f / (row % 5) };
                float[] vector = (row % 16) switch { 0 => _query, 3 => [.. _query.Select(x => -x)], _ => Samples.Unit((stride * 1000) + row, stride) };
                for (int j = 0; j < stride; j++)
                {
                    // Every second block has one magnitude alone, so that all codes are the largest or the smallest.
                    float sign = vector[j] < 0 ? -1 : 1;
                    _rows[(row * stride) + j] = row / BlockRows % 2 == 1 ? sign / MathF.Sqrt(stride) : length * vector[j];
                }
            }

            _codes = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, _rows.Length), 64);
            _words = (int*)NativeMemory.AlignedAlloc((nuint)stride, 64);
            Scales = new float[2 * blocks];
            fixed (float* rows = _rows)
            {
                for (int block = 0; block < blocks; block++)
                {
                    (Scales[2 * block], Scales[(2 * block) + 1]) = CodeQuantizer.Encode(rows + (block * BlockRows * stride), stride, _codes + (block * BlockRows * stride));
                }
            }

            fixed (float* query = _query)
            {
                Query = new Int8Query(query, stride, _words);
            }
        }

        public float[] Scales { get; }

        public Int8Query Query { get; private set; }

        public double Exact(int row) => Enumerable.Range(0, _stride).Sum(j => (double)_rows[(row * _stride) + j] * _query[j]);

        public float[] NaiveScores()
        {
            var scores = new float[_blocks * BlockRows];
            for (int row = 0; row < scores.Length; row++)
            {
                int block = row / BlockRows;
                int sum = 0;
                for (int j = 0; j < _stride; j++)
                {
                    // Element j of a row lies at (j/4)·64 + r·4 + j mod 4 of its block, as the format says.
                    int code = _codes[(block * BlockRows * _stride) + (j / 4 * 64) + (row % BlockRows * 4) + (j % 4)] - 128;
                    sum += code * ((sbyte*)_words)[j];
                }

                scores[row] = sum * (Scales[2 * block] * Query.Scale);
            }

            return scores;
        }

        public ushort[] NaiveExceeding(float[] scores, float limit) =>
        [
            .. Enumerable.Range(0, _blocks).Select(block => (ushort)Enumerable.Range(0, BlockRows)
                .Where(row => scores[(block * BlockRows) + row] > limit - ((Query.PerError * Scales[(2 * block) + 1]) + Query.Constant))
                .Sum(row => 1 << row)),
        ];

        /// <summary>Puts codes of -127 to 127 in place of those of the query and of the rows, where there is one. A query needs one code of the largest magnitude.</summary>
        public void Overwrite(Func<int, int?> queryCode, Func<int, int, int?> rowCode)
        {
            for (int j = 0; j < _stride; j++)
            {
                _query[j] = queryCode(j) is int queryValue ? queryValue / 127f : _query[j];
                for (int row = 0; row < _blocks * BlockRows; row++)
                {
                    byte* code = _codes + (row / BlockRows * BlockRows * _stride) + (j / 4 * 64) + (row % BlockRows * 4) + (j % 4);
                    *code = (byte)((rowCode(row, j) ?? (*code - 128)) + 128);
                }
            }

            fixed (float* query = _query)
            {
                Query = new Int8Query(query, _stride, _words);
            }
        }

        public float[] Scores(ScoreTier tier, float guard)
        {
            var scores = new float[(_blocks * BlockRows) + 16];
            Array.Fill(scores, guard);
            fixed (float* scales = Scales)
            fixed (float* destination = scores)
            {
                tier(_codes, scales, _blocks, _stride, Query, destination);
            }

            return scores;
        }

        public ushort[] Exceeding(ExceedingTier tier, float limit, ushort guard)
        {
            var masks = new ushort[_blocks + 1];
            Array.Fill(masks, guard);
            fixed (float* scales = Scales)
            fixed (ushort* destination = masks)
            {
                tier(_codes, scales, _blocks, _stride, Query, limit, destination);
            }

            return masks;
        }

        public void Dispose()
        {
            NativeMemory.AlignedFree(_codes);
            NativeMemory.AlignedFree(_words);
        }
    }
}
