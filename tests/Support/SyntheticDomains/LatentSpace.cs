namespace Clss.Testing.SyntheticDomains;

/// <summary>
/// The space in which domains are laid out before a fixed random rotation: the axes differ in width, so the data has fewer effective dimensions than 32,
/// and after the rotation no axis is special.
/// </summary>
internal sealed class LatentSpace
{
    public const int Dimension = 32;

    /// <summary>Directions in which the members of an F-group differ.</summary>
    public const int Directions = 16;

    private readonly double[] _rotation;

    public LatentSpace(ulong seed)
    {
        AxisWidths = Decaying(Dimension, 12);
        DirectionWeights = Decaying(Directions, 20);
        _rotation = RandomRotation(seed);
    }

    /// <summary>The width of each axis; their squares add up to 1.</summary>
    public double[] AxisWidths { get; }

    /// <summary>The weight of each direction; their squares add up to 1.</summary>
    public double[] DirectionWeights { get; }

    /// <summary>Writes the latent vector at unit length, rotated.</summary>
    public void Project(ReadOnlySpan<double> latent, Span<float> destination)
    {
        double norm = 0;
        for (int j = 0; j < Dimension; j++)
        {
            norm += latent[j] * latent[j];
        }

        double inverse = 1.0 / Math.Sqrt(norm);
        Span<double> sums = stackalloc double[Dimension];
        sums.Clear();
        for (int j = 0; j < Dimension; j++)
        {
            double value = latent[j] * inverse;
            ReadOnlySpan<double> row = _rotation.AsSpan(j * Dimension, Dimension);
            for (int r = 0; r < row.Length; r++)
            {
                sums[r] += row[r] * value;
            }
        }

        for (int r = 0; r < Dimension; r++)
        {
            destination[r] = (float)sums[r];
        }
    }

    private static double[] Decaying(int count, double halfway)
    {
        var values = new double[count];
        double sum = 0;
        for (int j = 0; j < count; j++)
        {
            values[j] = 1.0 / Math.Sqrt(1.0 + (j / halfway));
            sum += values[j] * values[j];
        }

        for (int j = 0; j < count; j++)
        {
            values[j] = values[j] / Math.Sqrt(sum);
        }

        return values;
    }

    /// <summary>An orthogonal matrix [32, 32]: Gaussian rows, orthogonalised one after the other (Gram-Schmidt).</summary>
    private static double[] RandomRotation(ulong seed)
    {
        var matrix = new double[Dimension * Dimension];
        for (int r = 0; r < Dimension; r++)
        {
            Span<double> row = matrix.AsSpan(r * Dimension, Dimension);
            var draws = new DrawStream(seed, DrawKind.Rotation, (ulong)r);
            for (int c = 0; c < Dimension; c++)
            {
                row[c] = draws.Gaussian(c);
            }

            for (int p = 0; p < r; p++)
            {
                ReadOnlySpan<double> previous = matrix.AsSpan(p * Dimension, Dimension);
                double dot = Dot(row, previous);
                for (int c = 0; c < Dimension; c++)
                {
                    row[c] -= dot * previous[c];
                }
            }

            double norm = Math.Sqrt(Dot(row, row));
            for (int c = 0; c < Dimension; c++)
            {
                row[c] = row[c] / norm;
            }
        }

        return matrix;
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double sum = 0;
        for (int c = 0; c < left.Length; c++)
        {
            sum += left[c] * right[c];
        }

        return sum;
    }
}
