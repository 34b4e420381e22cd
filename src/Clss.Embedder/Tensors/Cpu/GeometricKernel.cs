namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// Geometric attention, one vector head to a lane: every step is vertical, a result depends on its own sequence only, and keys are taken in order.
/// Positions are measured from the first valid frame of the sequence: distances stay the same and lose nothing to a far origin.
/// Memory: 9 registers of keys and 1 of scores per row.
/// </summary>
internal static unsafe class GeometricKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    private const int Axes = 3;

    // Places of the five kinds of vectors in a projected row, in units of 3 h numbers.
    private const int QueryRotation = 0;
    private const int KeyRotation = 1;
    private const int Value = 2;
    private const int QueryDistance = 3;
    private const int KeyDistance = 4;

    /// <summary>Registers of one packed key: rotation key, distance key and value, x, y and z of each.</summary>
    private const int KeyRegisters = 9;

    private const float LowestScore = -1e30f;

    /// <summary>Softmax works with powers of two.</summary>
    private const float Log2E = 1.44269504f;

    /// <summary>Floats of scratch memory that <see cref="Attend"/> needs.</summary>
    public static long ScratchSize(int length) => ((long)length * (KeyRegisters + 1) * TLanes.Count) + (2 * Axes * TLanes.Count);

    public static void Attend(in GeometricJob job, float* scratch)
    {
        int lanes = TLanes.Count;
        float* buffer = scratch;
        float* query = buffer + (Axes * lanes);
        float* keys = query + (Axes * lanes);
        float* origin = FirstValid(in job);
        int keyCount = 0;
        for (int row = 0; origin != null && row < job.Length; row++)
        {
            if (IsValid(in job, row))
            {
                float* key = keys + ((nint)keyCount++ * KeyRegisters * lanes);
                Transform(in job, row, KeyRotation, null, buffer, key);
                Transform(in job, row, KeyDistance, origin, buffer, key + (Axes * lanes));
                Transform(in job, row, Value, null, buffer, key + (2 * Axes * lanes));
            }
        }

        float* scores = keys + ((nint)keyCount * KeyRegisters * lanes);
        for (int row = 0; row < job.Queries; row++)
        {
            if (IsValid(in job, row))
            {
                AttendOne(in job, row, origin, keys, keyCount, scores, buffer, query);
            }
            else
            {
                int count = Math.Min(lanes, job.Heads - job.HeadStart);
                new Span<float>(job.Destination + (row * job.DestinationStride) + (job.HeadStart * Axes), count * Axes).Clear();
            }
        }
    }

    private static void AttendOne(in GeometricJob job, int row, float* origin, float* keys, int keyCount, float* scores, float* buffer, float* query)
    {
        int lanes = TLanes.Count;
        TLanes rotationScale = TLanes.Load(job.RotationScales + job.HeadStart) * TLanes.Broadcast(Log2E);
        TLanes distanceScale = TLanes.Load(job.DistanceScales + job.HeadStart) * TLanes.Broadcast(-Log2E);
        Transform(in job, row, QueryRotation, null, buffer, query);
        TLanes qx = TLanes.Load(query) * rotationScale, qy = TLanes.Load(query + lanes) * rotationScale, qz = TLanes.Load(query + (2 * lanes)) * rotationScale;
        Transform(in job, row, QueryDistance, origin, buffer, query);
        TLanes px = TLanes.Load(query), py = TLanes.Load(query + lanes), pz = TLanes.Load(query + (2 * lanes));
        TLanes maximum = TLanes.Broadcast(LowestScore);
        float* key = keys;
        for (int j = 0; j < keyCount; j++, key += KeyRegisters * lanes)
        {
            TLanes product = qx * TLanes.Load(key);
            product = TLanes.MultiplyAdd(qy, TLanes.Load(key + lanes), product);
            product = TLanes.MultiplyAdd(qz, TLanes.Load(key + (2 * lanes)), product);
            TLanes dx = px - TLanes.Load(key + (3 * lanes)), dy = py - TLanes.Load(key + (4 * lanes)), dz = pz - TLanes.Load(key + (5 * lanes));
            TLanes squares = TLanes.MultiplyAdd(dz, dz, TLanes.MultiplyAdd(dy, dy, dx * dx));
            TLanes score = TLanes.MultiplyAdd(TLanes.SquareRoot(squares), distanceScale, product);
            score.Store(scores + (j * lanes));
            maximum = TLanes.Max(maximum, score);
        }

        TLanes total = TLanes.Broadcast(0f), x = total, y = total, z = total;
        float* value = keys + (2 * Axes * lanes);
        for (int j = 0; j < keyCount; j++, value += KeyRegisters * lanes)
        {
            TLanes weight = SimdMath<TLanes>.Exp2(TLanes.Load(scores + (j * lanes)) - maximum);
            total += weight;
            x = TLanes.MultiplyAdd(weight, TLanes.Load(value), x);
            y = TLanes.MultiplyAdd(weight, TLanes.Load(value + lanes), y);
            z = TLanes.MultiplyAdd(weight, TLanes.Load(value + (2 * lanes)), z);
        }

        TLanes factor = TLanes.Broadcast(1f) / total;
        WriteBack(in job, row, x * factor, y * factor, z * factor, buffer);
    }

    /// <summary>Rotates the result back into the row's own frame and writes the vectors one after the other.</summary>
    private static void WriteBack(in GeometricJob job, int row, TLanes x, TLanes y, TLanes z, float* buffer)
    {
        int lanes = TLanes.Count;
        float* r = job.Frames + (row * job.FrameStride) + RigidFrames.Rotation;
        for (int axis = 0; axis < Axes; axis++)
        {
            TLanes turned = TLanes.Broadcast(r[axis]) * x;
            turned = TLanes.MultiplyAdd(TLanes.Broadcast(r[Axes + axis]), y, turned);
            TLanes.MultiplyAdd(TLanes.Broadcast(r[(2 * Axes) + axis]), z, turned).Store(buffer + (axis * lanes));
        }

        float* target = job.Destination + (row * job.DestinationStride) + (job.HeadStart * Axes);
        int count = Math.Min(lanes, job.Heads - job.HeadStart);
        for (int lane = 0; lane < count; lane++)
        {
            for (int axis = 0; axis < Axes; axis++)
            {
                target[(Axes * lane) + axis] = buffer[(axis * lanes) + lane];
            }
        }
    }

    /// <summary>result [axis, lane] = R v, or R v + t - origin, of one kind of vectors of a row; 0 in lanes without a head.</summary>
    private static void Transform(in GeometricJob job, int row, int kind, float* origin, float* buffer, float* result)
    {
        int lanes = TLanes.Count;
        int count = Math.Min(lanes, job.Heads - job.HeadStart);
        float* source = job.Projected + (row * job.ProjectedStride) + (((kind * job.Heads) + job.HeadStart) * Axes);
        for (int lane = 0; lane < count; lane++)
        {
            buffer[lane] = source[Axes * lane];
            buffer[lanes + lane] = source[(Axes * lane) + 1];
            buffer[(2 * lanes) + lane] = source[(Axes * lane) + 2];
        }

        for (int lane = count; lane < lanes; lane++)
        {
            buffer[lane] = buffer[lanes + lane] = buffer[(2 * lanes) + lane] = 0f;
        }

        float* frame = job.Frames + (row * job.FrameStride);
        TLanes x = TLanes.Load(buffer), y = TLanes.Load(buffer + lanes), z = TLanes.Load(buffer + (2 * lanes));
        for (int axis = 0; axis < Axes; axis++)
        {
            float* r = frame + RigidFrames.Rotation + (Axes * axis);
            float offset = origin == null ? 0f : frame[RigidFrames.Translation + axis] - origin[axis];
            TLanes turned = TLanes.MultiplyAdd(TLanes.Broadcast(r[0]), x, TLanes.Broadcast(offset));
            turned = TLanes.MultiplyAdd(TLanes.Broadcast(r[1]), y, turned);
            TLanes.MultiplyAdd(TLanes.Broadcast(r[2]), z, turned).Store(result + (axis * lanes));
        }
    }

    private static bool IsValid(in GeometricJob job, int row) => job.Frames[(row * job.FrameStride) + RigidFrames.Valid] != 0f;

    /// <summary>The translation of the first valid frame, or null.</summary>
    private static float* FirstValid(in GeometricJob job)
    {
        for (int row = 0; row < job.Length; row++)
        {
            if (IsValid(in job, row))
            {
                return job.Frames + (row * job.FrameStride) + RigidFrames.Translation;
            }
        }

        return null;
    }
}
