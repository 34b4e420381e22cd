using Clss.Embedder.Inputs;
using Clss.Embedder.Tensors;

namespace Clss.Embedder.Models.Esm3;

/// <summary>
/// A rigid frame at each residue: R has the columns x = unit(CA - C), y = unit of N - CA without its part along x, and z = x cross y; t = CA.
/// Mirrors build_affine3d_from_coordinates of esm/utils/structure/affine3d.py. A residue is valid if N, CA and C are finite and below 1e6;
/// invalid ones get the frame of the averaged atoms, which never influences a result.
/// </summary>
public sealed class BackboneFrames
{
    private const int Axes = 3;

    /// <summary>N, CA and C of one residue.</summary>
    private const int NumbersPerResidue = Backbone.AtomsPerResidue * Axes;

    private const int CaOffset = Axes;
    private const int COffset = 2 * Axes;

    /// <summary>Coordinates from here on, in Å, mean absence in the original. It looks at the upper bound only and fails later at the lower one; here both mean absence.</summary>
    private const float Bound = 1e6f;

    /// <summary>Added to squared lengths.</summary>
    private const double LengthEpsilon = 1e-10;

    /// <summary>Added to the count of valid residues.</summary>
    private const double CountEpsilon = 1e-8;

    private readonly float[] _rows;

    private BackboneFrames(float[] rows, int validCount)
    {
        _rows = rows;
        ValidCount = validCount;
    }

    /// <summary>Number of residues L.</summary>
    public int Length => _rows.Length / RigidFrames.Columns;

    /// <summary>Residues with a frame of their own. Without any, an embedding tells the length only.</summary>
    public int ValidCount { get; }

    /// <summary>[L, 13] as <see cref="RigidFrames"/> lays it out.</summary>
    public ReadOnlySpan<float> Rows => _rows;

    /// <summary>Whether a residue has a frame of its own.</summary>
    public bool IsValid(int residue) => _rows[(residue * RigidFrames.Columns) + RigidFrames.Valid] != 0f;

    /// <summary>A residue's row.</summary>
    public ReadOnlySpan<float> Row(int residue) => _rows.AsSpan(residue * RigidFrames.Columns, RigidFrames.Columns);

    /// <summary>The place of a residue's CA in Å.</summary>
    public ReadOnlySpan<float> Translation(int residue) => Row(residue).Slice(RigidFrames.Translation, Axes);

    /// <summary>Builds the frames of a backbone.</summary>
    public static BackboneFrames Build(Backbone backbone)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ReadOnlySpan<float> coordinates = backbone.Coordinates.Span;
        Span<double> mean = stackalloc double[NumbersPerResidue];
        Span<double> residue = stackalloc double[NumbersPerResidue];
        mean.Clear();
        bool[] valid = new bool[backbone.Length];
        int validCount = 0;
        for (int i = 0; i < valid.Length; i++)
        {
            ReadOnlySpan<float> source = coordinates.Slice(i * NumbersPerResidue, NumbersPerResidue);
            valid[i] = IsUsable(source);
            for (int j = 0; valid[i] && j < NumbersPerResidue; j++)
            {
                mean[j] += source[j];
            }

            validCount += valid[i] ? 1 : 0;
        }

        for (int j = 0; j < NumbersPerResidue; j++)
        {
            mean[j] /= validCount + CountEpsilon;
        }

        float[] rows = new float[valid.Length * RigidFrames.Columns];
        for (int i = 0; i < valid.Length; i++)
        {
            Span<float> row = rows.AsSpan(i * RigidFrames.Columns, RigidFrames.Columns);
            if (valid[i])
            {
                Widen(coordinates.Slice(i * NumbersPerResidue, NumbersPerResidue), residue);
                WriteFrame(residue, row);
                row[RigidFrames.Valid] = 1f;
            }
            else if (validCount > 0)
            {
                WriteFrame(mean, row);
            }
            else
            {
                WriteIdentity(row);
            }
        }

        return new BackboneFrames(rows, validCount);
    }

    /// <summary>The frame of a position without coordinates: identity, zero, invalid.</summary>
    internal static void WriteIdentity(Span<float> row)
    {
        row.Clear();
        for (int axis = 0; axis < Axes; axis++)
        {
            row[RigidFrames.Rotation + (axis * (Axes + 1))] = 1f;
        }
    }

    private static bool IsUsable(ReadOnlySpan<float> residue)
    {
        foreach (float value in residue)
        {
            // False for NaN as well.
            if (!(Math.Abs(value) < Bound))
            {
                return false;
            }
        }

        return true;
    }

    private static void Widen(ReadOnlySpan<float> source, Span<double> destination)
    {
        for (int i = 0; i < source.Length; i++)
        {
            destination[i] = source[i];
        }
    }

    /// <summary>In double precision, so that what is left of rounding is that of the coordinates.</summary>
    private static void WriteFrame(ReadOnlySpan<double> residue, Span<float> row)
    {
        Span<double> x = stackalloc double[Axes], y = stackalloc double[Axes], z = stackalloc double[Axes];
        for (int axis = 0; axis < Axes; axis++)
        {
            x[axis] = residue[CaOffset + axis] - residue[COffset + axis];
            y[axis] = residue[axis] - residue[CaOffset + axis];
            row[RigidFrames.Translation + axis] = (float)residue[CaOffset + axis];
        }

        MakeUnit(x);
        double along = (x[0] * y[0]) + (x[1] * y[1]) + (x[2] * y[2]);
        for (int axis = 0; axis < Axes; axis++)
        {
            y[axis] -= along * x[axis];
        }

        MakeUnit(y);
        z[0] = (x[1] * y[2]) - (x[2] * y[1]);
        z[1] = (x[2] * y[0]) - (x[0] * y[2]);
        z[2] = (x[0] * y[1]) - (x[1] * y[0]);
        for (int axis = 0; axis < Axes; axis++)
        {
            row[(Axes * axis) + 0] = (float)x[axis];
            row[(Axes * axis) + 1] = (float)y[axis];
            row[(Axes * axis) + 2] = (float)z[axis];
        }
    }

    private static void MakeUnit(Span<double> vector)
    {
        double length = Math.Sqrt((vector[0] * vector[0]) + (vector[1] * vector[1]) + (vector[2] * vector[2]) + LengthEpsilon);
        for (int axis = 0; axis < Axes; axis++)
        {
            vector[axis] /= length;
        }
    }
}
