using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

/// <summary>Every operation as its definition reads, in double precision: what all other backends are compared with.</summary>
internal sealed class ReferenceTensorBackend : ITensorBackend
{
    public string Name => "reference, double precision";

    public Tensor Upload(ReadOnlySpan<float> values, int rows, int columns)
    {
        var tensor = new ReferenceTensor(rows, columns);
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                tensor[row, column] = values[(row * columns) + column];
            }
        }

        return tensor;
    }

    public LinearWeights UploadLinear(
        ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, int outputs, int inputs, LinearLayout layout = LinearLayout.Plain) =>
        new ReferenceLinearWeights(weight.ToArray(), bias.IsEmpty ? new float[outputs] : bias.ToArray(), inputs, outputs);

    public LinearWeights UploadLinear(BFloat16Matrix weight, ReadOnlySpan<float> bias, LinearLayout layout = LinearLayout.Plain)
    {
        float[] widened = new float[weight.Rows * weight.Columns];
        for (int row = 0; row < weight.Rows; row++)
        {
            for (int column = 0; column < weight.Columns; column++)
            {
                widened[(row * weight.Columns) + column] = BitConverter.UInt32BitsToSingle((uint)weight.Row(row)[column] << 16);
            }
        }

        return UploadLinear(widened, bias, weight.Rows, weight.Columns, layout);
    }

    public void Write(ReadOnlySpan<float> values, Tensor destination)
    {
        var to = (ReferenceTensor)destination;
        for (int i = 0; i < values.Length; i++)
        {
            to[i / to.Columns, i % to.Columns] = values[i];
        }
    }

    public void Download(Tensor source, Span<float> destination)
    {
        var tensor = (ReferenceTensor)source;
        for (int row = 0; row < tensor.Rows; row++)
        {
            for (int column = 0; column < tensor.Columns; column++)
            {
                destination[(row * tensor.Columns) + column] = (float)tensor[row, column];
            }
        }
    }

    public IDisposable BeginScope() => new Scope();

    public Tensor Allocate(int rows, int columns) => new ReferenceTensor(rows, columns);

    public void Embed(Tensor table, ReadOnlySpan<int> ids, ReadOnlySpan<float> scales, Tensor destination)
    {
        var (from, to) = ((ReferenceTensor)table, (ReferenceTensor)destination);
        for (int i = 0; i < ids.Length; i++)
        {
            for (int column = 0; column < from.Columns; column++)
            {
                to[i, column] = from[ids[i], column] * scales[i];
            }
        }
    }

    public void AddEmbedding(Tensor table, ReadOnlySpan<int> ids, Tensor destination)
    {
        var (from, to) = ((ReferenceTensor)table, (ReferenceTensor)destination);
        for (int i = 0; i < ids.Length; i++)
        {
            for (int column = 0; column < from.Columns; column++)
            {
                to[i, column] += from[ids[i], column];
            }
        }
    }

    public void LayerNorm(Tensor source, Tensor weight, Tensor bias, float epsilon, Tensor destination)
    {
        var (from, factor, offset, to) = ((ReferenceTensor)source, (ReferenceTensor)weight, (ReferenceTensor)bias, (ReferenceTensor)destination);
        for (int row = 0; row < from.Rows; row++)
        {
            double[] values = Row(from, row);
            double mean = values.Average();
            double variance = values.Average(value => (value - mean) * (value - mean));
            for (int column = 0; column < values.Length; column++)
            {
                to[row, column] = ((values[column] - mean) / Math.Sqrt(variance + epsilon) * factor[0, column]) + offset[0, column];
            }
        }
    }

    public void Linear(Tensor source, LinearWeights weights, LinearOutput output, Tensor destination, float scale = 1f)
    {
        var (from, layer, to) = ((ReferenceTensor)source, (ReferenceLinearWeights)weights, (ReferenceTensor)destination);
        for (int row = 0; row < from.Rows; row++)
        {
            double[] values = Row(from, row);
            double[] sums = new double[layer.Outputs];
            for (int i = 0; i < layer.Outputs; i++)
            {
                sums[i] = layer.Bias[i];
                for (int j = 0; j < layer.Inputs; j++)
                {
                    sums[i] += values[j] * layer.Weight[(i * layer.Inputs) + j];
                }
            }

            for (int i = 0; i < to.Columns; i++)
            {
                to[row, i] = output switch
                {
                    LinearOutput.Gelu => Gelu(sums[i]),
                    LinearOutput.Add => to[row, i] + (sums[i] * scale),
                    LinearOutput.SwiGlu => sums[i] / (1 + Math.Exp(-sums[i])) * sums[to.Columns + i],
                    _ => sums[i],
                };
            }
        }
    }

    public void Attention(
        Tensor queries, Tensor keys, Tensor values, PackedLengths lengths, AttentionParameters parameters, Tensor destination)
    {
        int size = queries.Columns / parameters.Heads;
        for (int sequence = 0; sequence < lengths.Count; sequence++)
        {
            for (int head = 0; head < parameters.Heads; head++)
            {
                Tensor Part(Tensor tensor) => tensor.Slice(lengths.Start(sequence), lengths.Length(sequence), head * size, size);
                Attend(
                    (ReferenceTensor)Part(queries), (ReferenceTensor)Part(keys), (ReferenceTensor)Part(values), parameters, (ReferenceTensor)Part(destination));
            }
        }
    }

    public void GeometricAttention(Tensor projected, Tensor frames, PackedLengths lengths, GeometricAttentionParameters parameters, Tensor destination)
    {
        for (int sequence = 0; sequence < lengths.Count; sequence++)
        {
            int start = lengths.Start(sequence), length = lengths.Length(sequence);
            int queries = parameters.FirstRowsOnly ? Math.Min(1, length) : length;
            ReferenceGeometry.Attend(
                (ReferenceTensor)projected.SliceRows(start, length),
                (ReferenceTensor)frames.SliceRows(start, length),
                parameters,
                (ReferenceTensor)destination.SliceRows(parameters.FirstRowsOnly ? sequence : start, queries));
        }
    }

    public void ArgMax(Tensor source, Span<int> destination)
    {
        for (int row = 0; row < source.Rows; row++)
        {
            double[] values = Row((ReferenceTensor)source, row);
            destination[row] = Array.IndexOf(values, values.Max());
        }
    }

    public void MeanPool(Tensor source, PackedLengths lengths, Tensor destination)
    {
        var (from, to) = ((ReferenceTensor)source, (ReferenceTensor)destination);
        for (int sequence = 0; sequence < lengths.Count; sequence++)
        {
            for (int column = 0; column < from.Columns; column++)
            {
                double sum = 0;
                for (int row = 0; row < lengths.Length(sequence); row++)
                {
                    sum += from[lengths.Start(sequence) + row, column];
                }

                to[sequence, column] = sum / lengths.Length(sequence);
            }
        }
    }

    public void Dispose()
    {
    }

    /// <summary>x/2 (1 + erf(x / sqrt 2)).</summary>
    public static double Gelu(double x) => x / 2 * (1 + Erf(x / Math.Sqrt(2)));

    /// <summary>The error function: its series near zero, its continued fraction (Lentz) further out; both to double precision.</summary>
    private static double Erf(double x)
    {
        if (Math.Abs(x) > 3)
        {
            double fraction = 0;
            for (int k = 60; k > 0; k--)
            {
                fraction = k / 2.0 / (Math.Abs(x) + fraction);
            }

            return Math.Sign(x) * (1 - (Math.Exp(-x * x) / Math.Sqrt(Math.PI) / (Math.Abs(x) + fraction)));
        }

        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-18; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }

        return 2 / Math.Sqrt(Math.PI) * sum;
    }

    private static double[] Row(ReferenceTensor tensor, int row) => [.. Enumerable.Range(0, tensor.Columns).Select(column => tensor[row, column])];

    private static void Attend(ReferenceTensor q, ReferenceTensor k, ReferenceTensor v, AttentionParameters parameters, ReferenceTensor to)
    {
        double[][] keys = [.. Enumerable.Range(0, k.Rows).Select(i => Rotate(Row(k, i), i, parameters.Rotary))];
        for (int i = 0; i < q.Rows; i++)
        {
            double[] query = Rotate(Row(q, i), i, parameters.Rotary);
            double[] scores = [.. keys.Select(key => parameters.Scale * key.Zip(query, (a, b) => a * b).Sum())];
            double maximum = scores.Max();
            double[] weights = [.. scores.Select(score => Math.Exp(score - maximum))];
            double total = weights.Sum();
            for (int column = 0; column < v.Columns; column++)
            {
                double sum = 0;
                for (int j = 0; j < v.Rows; j++)
                {
                    sum += weights[j] * v[j, column];
                }

                to[i, column] = sum / total;
            }
        }
    }

    private static double[] Rotate(double[] vector, int position, bool rotary)
    {
        int half = vector.Length / 2;
        double[] result = [.. vector];
        for (int j = 0; rotary && j < half; j++)
        {
            // The original's angles are single precision.
            float angle = position * (1f / (float)Math.Pow(10000, 2.0 * j / vector.Length));
            (double sine, double cosine) = Math.SinCos(angle);
            result[j] = (vector[j] * cosine) - (vector[half + j] * sine);
            result[half + j] = (vector[half + j] * cosine) + (vector[j] * sine);
        }

        return result;
    }

    private sealed class Scope : IDisposable
    {
        public void Dispose()
        {
        }
    }
}
