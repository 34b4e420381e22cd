using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Clss.KernelBenchmark;

/// <summary>
/// The innermost loops of the index by themselves, in every width of instructions that this processor has, on data in the cache.
/// `dotnet run -c Release --project benchmarks/Clss.KernelBenchmark -- --filter '*'`; `--list flat` names them. A kernel is a class here.
/// </summary>
internal static class Program
{
    private static int Main(string[] args)
    {
        // In this process: a project generated beside ours would take over our build settings, and lock files.
        Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithIterationTime(TimeInterval.FromMilliseconds(100))
            .WithWarmupCount(5).WithIterationCount(15).WithId("InProcess");
        IConfig config = DefaultConfig.Instance.AddJob(job).AddDiagnoser(new MemoryDiagnoser(new MemoryDiagnoserConfig(displayGenColumns: false)))
            .HideColumns(Column.Error, Column.Toolchain, Column.Job, Column.IterationCount, Column.IterationTime, Column.WarmupCount);
        return BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args, config).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
    }
}
