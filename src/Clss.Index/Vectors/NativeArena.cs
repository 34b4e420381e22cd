using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Clss.Index.Vectors;

/// <summary>
/// Native memory on large pages where the system grants them: what every search reads at random costs a page walk less for each visit.
/// Zeroed, and aligned to a large page.
/// </summary>
internal sealed unsafe partial class NativeArena : IDisposable
{
    private const nuint HugePage = 2 << 20;
    private const nuint CacheLine = 64;
    private const int AdviseHugePages = 14;

    private byte* _memory;

    public NativeArena(long bytes)
    {
        Bytes = Math.Max(bytes, 1);
        nuint alignment = (nuint)Bytes >= HugePage ? HugePage : CacheLine;
        nuint rounded = ((nuint)Bytes + alignment - 1) / alignment * alignment;
        _memory = (byte*)NativeMemory.AlignedAlloc(rounded, alignment);
        if (alignment == HugePage && OperatingSystem.IsLinux())
        {
            // Advice only: a refusal changes nothing but speed.
            _ = Advise(_memory, rounded, AdviseHugePages);
        }

        NativeMemory.Clear(_memory, rounded);
    }

    public long Bytes { get; }

    public byte* Pointer => _memory;

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [SupportedOSPlatform("linux")]
    private static partial int Advise(byte* address, nuint length, int advice);
}
