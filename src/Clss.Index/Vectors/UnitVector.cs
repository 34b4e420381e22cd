namespace Clss.Index.Vectors;

/// <summary>Brings vectors to unit length and refuses those without a direction.</summary>
internal static class UnitVector
{
    /// <summary>
    /// A norm this close to 1 counts as unit length, and the vector keeps its bits. Rounding the elements of a unit vector to float moves
    /// the norm by at most 2^-24 relative, so normalising twice changes nothing.
    /// </summary>
    public const double Tolerance = 1e-6;

    /// <summary>Writes the unit vector. <paramref name="subject"/>, with a number where there are several, names the vector in the error.</summary>
    public static void Normalize(ReadOnlySpan<float> vector, Span<float> destination, string subject, int number = -1)
    {
        double sum = 0;
        for (int i = 0; i < vector.Length; i++)
        {
            if (!float.IsFinite(vector[i]))
            {
                throw new ClssIndexException($"{Name(subject, number)}: element {i} of the vector is {vector[i]}. Every element must be a finite number.");
            }

            sum += (double)vector[i] * vector[i];
        }

        double norm = Math.Sqrt(sum);
        if (norm == 0)
        {
            throw new ClssIndexException($"{Name(subject, number)}: every element of the vector is zero. A zero vector has no direction and cannot be compared by cosine.");
        }

        if (Math.Abs(norm - 1) <= Tolerance)
        {
            vector.CopyTo(destination);
            return;
        }

        for (int i = 0; i < vector.Length; i++)
        {
            destination[i] = (float)(vector[i] / norm);
        }
    }

    private static string Name(string subject, int number) => number < 0 ? subject : $"{subject} {number}";
}
