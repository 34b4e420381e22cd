namespace Clss.AnnBenchmark;

/// <summary>What building an index cost.</summary>
/// <param name="CpuSeconds">Processor time of all threads.</param>
/// <param name="Bytes">The size of the index with its vectors.</param>
internal sealed record BuildCost(double CpuSeconds, long Bytes)
{
    /// <summary>Builds and measures.</summary>
    public static BuildCost Of(IAnnSubject subject, Workload work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        subject.Build(work.Base, work.Rows, work.BuildThreads);
        return new BuildCost((Environment.CpuUsage.TotalTime - before).TotalSeconds, subject.IndexBytes);
    }
}
