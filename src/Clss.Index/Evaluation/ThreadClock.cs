using System.Runtime.InteropServices;

namespace Clss.Index.Evaluation;

/// <summary>Processor time of the calling thread; elsewhere than on Linux and macOS that of the process.</summary>
internal static partial class ThreadClock
{
    // CLOCK_THREAD_CPUTIME_ID of <time.h>.
    private const int LinuxThreadTime = 3;
    private const int MacThreadTime = 16;

    public static TimeSpan Now
    {
        get
        {
            int clock = OperatingSystem.IsLinux() ? LinuxThreadTime : OperatingSystem.IsMacOS() ? MacThreadTime : 0;
            return clock != 0 && GetTime(clock, out TimeSpecification time) == 0
                ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000.0)
                : Environment.CpuUsage.TotalTime;
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpecification time);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
