using System.Diagnostics;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

/// <summary>Runs the built <c>clss</c> as a user does: a process of its own with its own cache folder.</summary>
internal static class ClssProcess
{
    /// <summary>The finished run: exit status and both streams.</summary>
    internal sealed record Outcome(int ExitCode, string Output, string Error)
    {
        public Outcome ShouldSucceed()
        {
            Assert.True(ExitCode == 0, $"exit {ExitCode}\n{Error}");
            return this;
        }

        public Outcome ShouldFail(int exitCode, string because)
        {
            Assert.True(ExitCode == exitCode, $"exit {ExitCode}, not {exitCode}\n{Error}");
            Assert.Contains(because, Error, StringComparison.Ordinal);
            return this;
        }
    }

    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "clss.dll");

    public static Outcome Run(TemporaryFolder folder, params string[] arguments) => RunWithInput(folder, null, arguments);

    public static Outcome RunWithInput(TemporaryFolder folder, string? standardInput, params string[] arguments) =>
        Finish(Start(folder, arguments), standardInput, arguments);

    /// <summary>Runs with further environment variables; null removes one.</summary>
    public static Outcome RunIn(TemporaryFolder folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        ProcessStartInfo start = Prepare(folder, arguments);
        foreach ((string name, string? value) in environment)
        {
            start.Environment[name] = value;
        }

        return Finish(Process.Start(start)!, null, arguments);
    }

    /// <summary>The command line of a run, for a program that starts it on a terminal.</summary>
    public static string CommandLine(params string[] arguments) => string.Join(' ', ["dotnet", $"'{Program}'", .. arguments]);

    private static Outcome Finish(Process started, string? standardInput, string[] arguments)
    {
        using Process process = started;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (standardInput is not null)
        {
            process.StandardInput.Write(standardInput);
        }

        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(3)), $"clss {string.Join(' ', arguments)} did not end");
        return new Outcome(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts without waiting, for tests that interrupt it.</summary>
    public static Process Start(TemporaryFolder folder, params string[] arguments) => Process.Start(Prepare(folder, arguments))!;

    private static ProcessStartInfo Prepare(TemporaryFolder folder, string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder.Path,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Program);
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["CLSS_HOME"] = folder.File("clss-home");
        start.Environment.Remove("CLSS_DATA_DIR");
        return start;
    }
}
