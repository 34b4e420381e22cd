using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Clss.KernelBenchmark;

/// <summary>The widths of instructions by name; a benchmark runs in those that the processor has.</summary>
internal static class Tiers
{
    public const string Chosen = "chosen";
    public const string Avx512 = "512";
    public const string Vnni = "vnni";
    public const string Avx2 = "256";
    public const string Vector128Bits = "128";
    public const string Scalar = "scalar";

    /// <summary>Those of the named tiers that run here.</summary>
    public static IEnumerable<string> Supported(params string[] tiers) => tiers.Where(IsSupported);

    private static bool IsSupported(string tier) => tier switch
    {
        Avx512 => Vector512.IsHardwareAccelerated && Avx512F.IsSupported,
        Vnni => AvxVnni.IsSupported,
        Avx2 => Vector256.IsHardwareAccelerated,
        Vector128Bits => Vector128.IsHardwareAccelerated,
        _ => true,
    };
}
