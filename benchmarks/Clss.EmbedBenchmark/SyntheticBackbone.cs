using Clss.Embedder.Inputs;

namespace Clss.EmbedBenchmark;

/// <summary>Compact random chains with the bond lengths of a protein: enough for timing and for properties that hold for any coordinates.</summary>
internal static class SyntheticBackbone
{
    /// <summary>Neighbouring CA are this far apart, in Å.</summary>
    private const double Step = 3.8;

    private const double CarbonBond = 1.52;
    private const double NitrogenBond = 1.46;

    /// <summary>Coordinates [L, 3, 3] of N, CA, C in Å.</summary>
    public static float[] Coordinates(Random random, int length)
    {
        float[] coordinates = new float[length * 9];
        double[] place = [0, 0, 0];
        double radius = 2.5 * Math.Pow(length, 0.4) + Step;
        for (int i = 0; i < length; i++)
        {
            double[] next = place;
            for (int tries = 0; tries < 20; tries++)
            {
                double[] step = Direction(random);
                next = [place[0] + (Step * step[0]), place[1] + (Step * step[1]), place[2] + (Step * step[2])];
                if (Math.Sqrt((next[0] * next[0]) + (next[1] * next[1]) + (next[2] * next[2])) < radius)
                {
                    break;
                }
            }

            double[] carbon = Direction(random), nitrogen = AtAngle(random, carbon);
            for (int axis = 0; axis < 3; axis++)
            {
                coordinates[(i * 9) + axis] = (float)(next[axis] + (NitrogenBond * nitrogen[axis]));
                coordinates[(i * 9) + 3 + axis] = (float)next[axis];
                coordinates[(i * 9) + 6 + axis] = (float)(next[axis] + (CarbonBond * carbon[axis]));
            }

            place = next;
        }

        return coordinates;
    }

    public static Backbone Create(Random random, int length) => Backbone.FromNCaC(Coordinates(random, length));

    /// <summary>A random direction at the angle of N-CA-C from another one.</summary>
    private static double[] AtAngle(Random random, double[] other)
    {
        const double angle = 111.0 / 180 * Math.PI;
        double[] side = Direction(random);
        double along = (side[0] * other[0]) + (side[1] * other[1]) + (side[2] * other[2]);
        side = [.. side.Select((value, axis) => value - (along * other[axis]))];
        double length = Math.Sqrt((side[0] * side[0]) + (side[1] * side[1]) + (side[2] * side[2]));
        return [.. side.Select((value, axis) => (value / length * Math.Sin(angle)) + (other[axis] * Math.Cos(angle)))];
    }

    private static double[] Direction(Random random)
    {
        double z = (2 * random.NextDouble()) - 1, angle = 2 * Math.PI * random.NextDouble(), r = Math.Sqrt(1 - (z * z));
        return [r * Math.Cos(angle), r * Math.Sin(angle), z];
    }
}
