namespace Clss.Index.Vectors;

/// <summary>Brings vectors to unit length and refuses those without a direction.</summary>
internal static class UnitVector
{
    /// <summary>
    /// A norm this close to 1 counts as unit length, and the vector keeps its bits. Rounding the elements of a unit vector to float moves
    /// the norm by at most 2^-24 relative, so normalising twice changes nothing.
    /// </summary>
    public const double Tolerance = 1e-6;

    /// <summary>
    /// How far the length of a stored row may be from 1: <see cref="Tolerance"/>, and what rounding to fixed point adds, which is at most the length of the
    /// vector of its errors.
    /// </summary>
    public static double LengthError(VectorStorage storage, int dimension) =>
        storage == VectorStorage.Int16 ? Tolerance + (Math.Sqrt(dimension) * FixedPoint.MaximumError) : Tolerance;

    /// <summary>
    /// Writes the vector that is stored for one: of unit length, and rounded where the storage rounds. A vector that was read from such a storage is no longer of
    /// unit length to <see cref="Tolerance"/>; it is known by its elements and keeps them, or writing it again would move it.
    /// </summary>
    public static void Store(ReadOnlySpan<float> vector, Span<float> destination, VectorStorage storage, string subject)
    {
        if (storage == VectorStorage.Float32)
        {
            Normalize(vector, destination, subject);
            return;
        }

        if (FixedPoint.IsRounded(vector) && Math.Abs(Length(vector) - 1) <= LengthError(storage, vector.Length))
        {
            vector.CopyTo(destination);
        }
        else
        {
            Normalize(vector, destination, subject);
        }

        FixedPoint.Round(destination);
    }

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

    private static double Length(ReadOnlySpan<float> vector)
    {
        double sum = 0;
        foreach (float element in vector)
        {
            sum += (double)element * element;
        }

        return Math.Sqrt(sum);
    }

    private static string Name(string subject, int number) => number < 0 ? subject : $"{subject} {number}";
}
