using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

/// <summary>Geometric attention of one sequence as its definition reads, in double precision.</summary>
internal static class ReferenceGeometry
{
    public static void Attend(ReferenceTensor projected, ReferenceTensor frames, GeometricAttentionParameters parameters, ReferenceTensor to)
    {
        int heads = parameters.Heads;
        int[] keys = [.. Enumerable.Range(0, projected.Rows).Where(row => frames[row, RigidFrames.Valid] != 0)];
        for (int i = 0; i < to.Rows; i++)
        {
            for (int head = 0; head < heads; head++)
            {
                double[] result = frames[i, RigidFrames.Valid] == 0 ? [0, 0, 0] : AttendOne(i, head);
                for (int axis = 0; axis < 3; axis++)
                {
                    to[i, (3 * head) + axis] = result[axis];
                }
            }
        }

        double[] AttendOne(int i, int head)
        {
            double[] query = Vector(i, 0, head, false), place = Vector(i, 3, head, true);
            double[] scores = [.. keys.Select(j =>
            {
                double[] difference = [.. place.Zip(Vector(j, 4, head, true), (a, b) => a - b)];
                return (parameters.RotationScales.Span[head] * Dot(query, Vector(j, 1, head, false)))
                    - (parameters.DistanceScales.Span[head] * Math.Sqrt(Dot(difference, difference)));
            })];
            double maximum = scores.Max(), total = scores.Sum(score => Math.Exp(score - maximum));
            double[] sum = new double[3];
            for (int k = 0; k < keys.Length; k++)
            {
                double[] value = Vector(keys[k], 2, head, false);
                for (int axis = 0; axis < 3; axis++)
                {
                    sum[axis] += Math.Exp(scores[k] - maximum) / total * value[axis];
                }
            }

            return [.. Enumerable.Range(0, 3).Select(axis => Enumerable.Range(0, 3).Sum(row => frames[i, (3 * row) + axis] * sum[row]))];
        }

        double[] Vector(int row, int kind, int head, bool translated) => [.. Enumerable.Range(0, 3).Select(axis =>
            Enumerable.Range(0, 3).Sum(j => frames[row, (3 * axis) + j] * projected[row, (((kind * heads) + head) * 3) + j])
            + (translated ? frames[row, RigidFrames.Translation + axis] : 0))];
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
