using System.Runtime.Intrinsics.X86;
using Clss.Index.Flat;
using Clss.Index.Metrics;
using Clss.Index.Vectors;

namespace Clss.Index.Tests.Vectors;

/// <summary>16-bit fixed point: its definition written out, on every width, and the bounds that rest on it.</summary>
[Trait("Tier", "any")]
public sealed unsafe class FixedPointTests
{
    // 2^-15 + 2^-30, which is the float nearest to 1/32767.
    private const float Step = (1f / 32768) + (1f / 1073741824);

    private delegate void Decoder(short* numbers, float* elements, long count);

    [Fact]
    public void Decode_OnEveryWidthAndLength_IsTheDefinition()
    {
        List<Decoder> decoders = [FixedPoint.Decode, FixedPoint.Decode128, (numbers, elements, count) => FixedPoint.DecodeScalar(numbers, elements, 0, count)];
        if (Avx2.IsSupported)
        {
            decoders.Add(FixedPoint.Decode256);
        }

        if (Avx512F.IsSupported)
        {
            decoders.Add(FixedPoint.Decode512);
        }

        var random = new Random(5);
        for (int length = 0; length <= 256; length++)
        {
            short[] numbers = [.. Enumerable.Range(0, length + 1).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
            foreach (Decoder decode in decoders)
            {
                var elements = new float[length + 1];
                elements[length] = 7;
                fixed (short* from = numbers)
                fixed (float* to = elements)
                {
                    decode(from, to, length);
                }

                Assert.Equal([.. numbers.Take(length).Select(number => number * Step), 7], elements);
            }
        }
    }

    [Fact]
    public void Encode_OfWhatWasDecoded_IsTheSameNumber()
    {
        for (int number = -32767; number <= 32767; number++)
        {
            Assert.Equal(number, FixedPoint.Encode(FixedPoint.Decode((short)number)));
        }

        Assert.Equal(1, FixedPoint.Decode(32767));
    }

    [Fact]
    public void Encode_OfAnyElement_MovesItByLittle()
    {
        var random = new Random(3);
        for (int i = 0; i < 1_000_000; i++)
        {
            float element = (random.NextSingle() * 2) - 1;
            short number = FixedPoint.Encode(element);
            Assert.InRange(Math.Abs((double)FixedPoint.Decode(number) - element), 0, FixedPoint.MaximumError);
            Assert.Equal(Math.Round((double)element * 32767, MidpointRounding.ToEven), number);
        }

        Assert.Equal(32767, FixedPoint.Encode(1.000001f));
        Assert.Equal(-32767, FixedPoint.Encode(-1.000001f));
    }

    [Fact]
    public void Similarity_OfFixedPoint_IsThatOfTheDecodedFloats()
    {
        var random = new Random(11);
        for (int length = 0; length <= 256; length += CosineOfUnitVectors.Lanes)
        {
            short[] numbers = [.. Enumerable.Range(0, length + 1).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
            float[] decoded = [.. numbers.Select(number => number * Step)];
            float[] query = [.. Enumerable.Range(0, length + 1).Select(_ => random.NextSingle() - 0.5f)];
            fixed (short* a = numbers)
            fixed (float* floats = decoded)
            fixed (float* b = query)
            {
                float expected = CosineOfUnitVectors.SimilarityScalar(floats, b, length);
                Assert.Equal(expected, CosineOfUnitVectors.Similarity(a, b, length));
                Assert.Equal(expected, CosineOfUnitVectors.SimilarityScalar(a, b, length));
                Assert.Equal(expected, CosineOfUnitVectors.Similarity256(a, b, length));
                if (Avx512F.IsSupported)
                {
                    Assert.Equal(expected, CosineOfUnitVectors.Similarity512(a, b, length));
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(32)]
    [InlineData(997)]
    [InlineData(1008)]
    [InlineData(4096)]
    [InlineData(65536)]
    public void Store_OfAnyVector_HasALengthWithinTheError(int dimension)
    {
        double error = UnitVector.LengthError(VectorStorage.Int16, dimension);
        for (int seed = 0; seed < 20; seed++)
        {
            // The last is of equal elements, which rounding moves all in the same direction.
            float[] vector = seed < 19 ? Samples.Unit(seed, dimension) : [.. Enumerable.Repeat(3f, dimension)];
            float[] stored = Store(vector);
            Assert.InRange(Math.Sqrt(stored.Sum(x => (double)x * x)), 1 - error, 1 + error);
            Assert.Equal(stored, Store(stored));
        }
    }

    [Fact]
    public void Store_OfARoundedVectorThatIsNoUnitVector_NormalisesIt()
    {
        float[] vector = [FixedPoint.Decode(20000), FixedPoint.Decode(20000), 0];
        Assert.Equal([FixedPoint.Decode(23170), FixedPoint.Decode(23170), 0], Store(vector));
        Assert.Throws<ClssIndexException>(() => Store([0, 0]));
        Assert.Throws<ClssIndexException>(() => Store([0, float.NaN]));
    }

    /// <summary>
    /// The case for which the bound is made: a row as much too long as rounding makes one, along what the codes of the query leave out. With the length error of
    /// floats the bound is too small for it.
    /// </summary>
    [Fact]
    public void Int8Query_OfTheLongestRow_BoundsTheError()
    {
        int dimension = Enumerable.Range(240, 30).Select(i => i * 16).MaxBy(d => Math.Round(32767 / Math.Sqrt(d)) * Math.Sqrt(d));
        var random = new Random(2);
        double[] steps = [.. Enumerable.Range(0, dimension).Select(i => i == 0 ? 127 : random.Next(-126, 127) + (i % 3 == 0 ? 0.49 : -0.49))];
        double norm = Math.Sqrt(steps.Sum(x => x * x));
        float[] query = [.. steps.Select(x => (float)(x / norm))];
        float[] row = Store([.. Enumerable.Range(0, dimension).Select(i => i % 3 == 0 ? 1f : -1f)]);
        Assert.InRange(Math.Sqrt(row.Sum(x => (double)x * x)), 1.0005, 1 + UnitVector.LengthError(VectorStorage.Int16, dimension));

        float[] block = [.. Enumerable.Repeat(row, VectorLayout.CodeBlockRows).SelectMany(x => x)];
        var codes = new byte[CodeQuantizer.BlockBytes(dimension)];
        var words = new int[dimension / 4];
        fixed (float* queryPointer = query)
        fixed (float* rowPointer = block)
        fixed (byte* codePointer = codes)
        fixed (int* wordPointer = words)
        {
            (float scale, float error) = CodeQuantizer.Encode(rowPointer, dimension, codePointer);
            var wide = new Int8Query(queryPointer, dimension, wordPointer, UnitVector.LengthError(VectorStorage.Int16, dimension));
            var narrow = new Int8Query(queryPointer, dimension, wordPointer);
            long product = 0;
            for (int i = 0; i < dimension; i++)
            {
                product += (long)((sbyte*)wordPointer)[i] * (codePointer[(i / 4 * 64) + (i % 4)] - CodeQuantizer.Bias);
            }

            double exact = query.Zip(row, (a, b) => (double)a * b).Sum();
            double difference = Math.Abs(exact - ((double)wide.Scale * scale * product));
            Assert.InRange(difference, (narrow.PerError * error) + narrow.Constant, (wide.PerError * error) + wide.Constant);
        }
    }

    [Theory]
    [InlineData(32)]
    [InlineData(1008)]
    public void Float32_OfRoundedRows_BoundsTheErrorOfEveryKernel(int stride)
    {
        float bound = ErrorBound.Float32(stride, UnitVector.LengthError(VectorStorage.Int16, stride));
        Assert.True(bound > ErrorBound.Float32(stride));
        var rows = new float[VectorLayout.TileRows * stride];
        for (int row = 0; row < VectorLayout.TileRows; row++)
        {
            Store(row == 0 ? [.. Enumerable.Repeat(1f, stride)] : Samples.Unit(row, stride)).CopyTo(rows.AsSpan(row * stride));
        }

        float[] query = Samples.Unit(0, stride);
        for (int row = 0; row < VectorLayout.TileRows; row++)
        {
            double exact = Enumerable.Range(0, stride).Sum(i => (double)rows[(row * stride) + i] * query[i]);
            fixed (float* rowPointer = rows)
            fixed (float* queryPointer = query)
            {
                Assert.True((Float32Kernel.Exceeding(rowPointer, stride, queryPointer, MathF.BitDecrement((float)exact) - bound) & (1UL << row)) != 0);
                Assert.True((Float32Kernel.Exceeding(rowPointer, stride, queryPointer, (float)exact + bound) & (1UL << row)) == 0);
            }
        }
    }

    private static float[] Store(float[] vector)
    {
        var stored = new float[vector.Length];
        UnitVector.Store(vector, stored, VectorStorage.Int16, "Vector");
        return stored;
    }
}
