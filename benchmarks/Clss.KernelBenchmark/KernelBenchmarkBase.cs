using BenchmarkDotNet.Attributes;

namespace Clss.KernelBenchmark;

/// <summary>
/// What every kernel's benchmark has: the data, and the tier under test. A derived class names its tiers in <c>SupportedTiers</c>, picks the kernel of
/// <see cref="Tier"/> in <see cref="Choose"/>, and runs it over <see cref="Data"/>.
/// </summary>
public abstract class KernelBenchmarkBase
{
    /// <summary>The width of instructions, named by the derived class.</summary>
    [ParamsSource("SupportedTiers")]
    public string Tier { get; set; } = "";

    internal TileData Data { get; private set; } = null!;

    [GlobalSetup]
    public void SetUp()
    {
        Data = new TileData();
        Choose();
    }

    [GlobalCleanup]
    public void CleanUp() => Data.Dispose();

    /// <summary>Picks the kernel.</summary>
    protected abstract void Choose();

    /// <summary>The error of a tier that the derived class names but does not know.</summary>
    protected Exception UnknownTier() => new InvalidOperationException($"{GetType().Name} has no kernel for the tier '{Tier}'.");
}
