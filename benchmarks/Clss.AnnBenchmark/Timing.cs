using System.Diagnostics;
using Clss.Index.Evaluation;

namespace Clss.AnnBenchmark;

/// <summary>Time spent in an action: of the calling thread's processor, and by the clock on the wall.</summary>
internal readonly record struct Timing(double CpuSeconds, double WallSeconds)
{
    public static Timing Of(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan cpu = ThreadClock.Now;
        action();
        TimeSpan cpuEnd = ThreadClock.Now;
        return new Timing((cpuEnd - cpu).TotalSeconds, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The medians of several rounds, each of both times by itself.</summary>
    public static Timing Median(IReadOnlyList<Timing> rounds) =>
        new(Median(rounds.Select(round => round.CpuSeconds)), Median(rounds.Select(round => round.WallSeconds)));

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
