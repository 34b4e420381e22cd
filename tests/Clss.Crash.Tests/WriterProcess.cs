using System.Runtime.CompilerServices;
using Clss.Index;
using Clss.Index.Storage;

namespace Clss.Crash.Tests;

/// <summary>
/// What this executable does when it is started with a collection's folder in the environment: it writes one commit after the other and says so on
/// standard output, until it is killed.
/// </summary>
internal static class WriterProcess
{
    public const string Variable = "CLSS_CRASH_WRITER";

    /// <summary>Where this is set, the writer merges in the background every few commits, and compacts rarely.</summary>
    public const string MergesVariable = "CLSS_CRASH_MERGES";

    // Runs before the test runner's own Main, and does not return where this process is a writer.
#pragma warning disable CA2255 // A module initializer is the one way into this executable that the generated Main leaves open.
    [ModuleInitializer]
    internal static void Start()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { } directory)
        {
            Write(directory);
            Environment.Exit(0);
        }
    }
#pragma warning restore CA2255

    private static void Write(string directory)
    {
        Console.Out.WriteLine("started");
        bool exists = File.Exists(Path.Combine(directory, "MANIFEST"));
        bool merges = Environment.GetEnvironmentVariable(MergesVariable) is not null;
        MergePolicy policy = merges ? CommitHistory.MergeOften : new MergePolicy();
        var operations = new FileOperations();
        using VectorCollection collection = exists
            ? VectorCollection.Open(directory, OpenMode.ReadWrite, operations, policy)
            : VectorCollection.Create(directory, CommitHistory.Options, operations, policy);
        for (int commit = CommitHistory.Number(collection) + 1; ; commit++)
        {
            CommitHistory.Change(collection, commit);
            if (merges && commit % 16 != 15)
            {
                collection.Commit();
            }
            else
            {
                CommitHistory.Commit(collection, commit);
            }

            Console.Out.WriteLine(commit);
            Console.Out.Flush();
        }
    }
}
