namespace Clss.Embedder.Tensors.Cpu;

/// <summary>Work on single rows.</summary>
internal static unsafe class RowKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>destination = (source - mean) / sqrt(variance + epsilon) * weight + bias; source may be destination.</summary>
    public static void LayerNorm(float* source, float* weight, float* bias, int length, float epsilon, float* destination)
    {
        float mean = Sum(source, length) / length;
        float scale = 1f / MathF.Sqrt((SumOfSquares(source, mean, length) / length) + epsilon);
        TLanes means = TLanes.Broadcast(mean);
        TLanes scales = TLanes.Broadcast(scale);
        int i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            TLanes normal = (TLanes.Load(source + i) - means) * scales;
            TLanes.MultiplyAdd(normal, TLanes.Load(weight + i), TLanes.Load(bias + i)).Store(destination + i);
        }

        for (; i < length; i++)
        {
            destination[i] = ((source[i] - mean) * scale * weight[i]) + bias[i];
        }
    }

    private static float Sum(float* source, int length)
    {
        TLanes sums = TLanes.Broadcast(0f);
        int i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            sums += TLanes.Load(source + i);
        }

        float sum = sums.Sum();
        for (; i < length; i++)
        {
            sum += source[i];
        }

        return sum;
    }

    private static float SumOfSquares(float* source, float mean, int length)
    {
        TLanes means = TLanes.Broadcast(mean);
        TLanes sums = TLanes.Broadcast(0f);
        int i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
        {
            TLanes difference = TLanes.Load(source + i) - means;
            sums = TLanes.MultiplyAdd(difference, difference, sums);
        }

        float sum = sums.Sum();
        for (; i < length; i++)
        {
            float difference = source[i] - mean;
            sum += difference * difference;
        }

        return sum;
    }
}
