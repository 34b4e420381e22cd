using System.Diagnostics;
using System.Text.Json;
using Clss.Testing;

namespace Clss.EndToEnd.Tests;

/// <summary><c>clss models get structure</c>: the licence comes first.</summary>
public class StructureWeightsTests
{
    private static readonly string[] Files = ["esm3_sm_open_v1.pth", "esm3_structure_encoder_v0.pth"];

    [Fact]
    public void Get_WithoutAcceptance_ExplainsTheLicenceAndAsksNobody()
    {
        using var folder = new TemporaryFolder();
        using var hub = new FileHub();
        ClssProcess.Outcome outcome = ClssProcess.RunIn(folder, Environment(hub), "models", "get", "structure", "-v", "0");

        outcome.ShouldFail(1, "Cambrian Non-Commercial License Agreement");
        foreach (string words in (string[])
            ["nothing was downloaded", "non-commercial use", "as a service", "Built with ESM", $"{hub.Endpoint}/EvolutionaryScale/esm3-sm-open-v1", "HF_TOKEN", "clss models get structure --accept-licence"])
        {
            Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
        }

        Assert.Equal(0, hub.Requests);
        Assert.Equal("", outcome.Output);
        Assert.False(Directory.Exists(folder.File("clss-home", "models")));
    }

    [Fact]
    public void Get_Accepted_InstallsBothFilesAndRecordsIt()
    {
        using var folder = new TemporaryFolder();
        using var hub = new FileHub();
        foreach (string file in Files)
        {
            hub.Files[file] = File.ReadAllBytes(Repository.SharedPath("golden", "esm3-tiny", file));
        }

        Assert.Contains("structure\tnot installed, has a licence to accept\t", Run(folder, hub, "models", "list").Output, StringComparison.Ordinal);
        Run(folder, hub, "models", "get", "structure", "--accept-licence");
        Assert.All(Files, file => Assert.Equal(hub.Files[file], File.ReadAllBytes(folder.File("clss-home", "models", "structure", file))));
        using (JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(folder.File("clss-home", "models", "structure", "download.json"))))
        {
            Assert.InRange(record.RootElement.GetProperty("licence").GetProperty("accepted").GetDateTimeOffset(), DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow);
        }

        long bytes = new DirectoryInfo(folder.File("clss-home", "models", "structure")).EnumerateFiles().Sum(file => file.Length);
        Assert.Contains($"structure\tinstalled\t{bytes}\t", Run(folder, hub, "models", "list").Output, StringComparison.Ordinal);
        Assert.Contains("licence\tCambrian Non-Commercial License Agreement, accepted 2", Run(folder, hub, "models", "info", "structure").Output, StringComparison.Ordinal);
        Assert.Contains("structure\tintact", Run(folder, hub, "models", "verify").Output, StringComparison.Ordinal);
        int requests = hub.Requests;
        Assert.Contains("is installed already", Run(folder, hub, "models", "get", "structure").Error, StringComparison.Ordinal);
        Assert.Equal(requests, hub.Requests);

        string encoder = folder.File("clss-home", "models", "structure", Files[1]);
        File.WriteAllBytes(encoder, hub.Files[Files[1]][..^1]);
        Assert.Contains("structure\tdamaged: ", Run(folder, hub, "models", "list").Output, StringComparison.Ordinal);
        Assert.Contains("damaged", ClssProcess.RunIn(folder, Environment(hub), "models", "verify", "structure").ShouldFail(1, "").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_GatedRepository_NamesThePageAndTheToken()
    {
        using var folder = new TemporaryFolder();
        using var hub = new FileHub { Status = 401 };
        ClssProcess.RunIn(folder, Environment(hub), "models", "get", "structure", "--accept-licence")
            .ShouldFail(1, $"Accept its terms at {hub.Endpoint}/EvolutionaryScale/esm3-sm-open-v1, then set HF_TOKEN");
    }

    [Theory]
    [InlineData("--dtype", "bf16")]
    [InlineData("--keep-checkpoint")]
    public void Get_OptionsForCheckpoints_AreRefused(params string[] options)
    {
        using var folder = new TemporaryFolder();
        ClssProcess.Run(folder, ["models", "get", "structure", "--accept-licence", "--offline", .. options]).ShouldFail(2, options[0]);
    }

    [Theory]
    [InlineData("n", "the licence was not accepted; nothing was downloaded")]
    [InlineData("", "the licence was not accepted; nothing was downloaded")]
    [InlineData("y", "the network is switched off")]
    public async Task Get_OnATerminal_AsksForAYes(string answer, string expected)
    {
        const string terminal = "/usr/bin/script";
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists(terminal), $"{terminal} gives a process a terminal; it is not here.");
        using var folder = new TemporaryFolder();
        var start = new ProcessStartInfo(terminal, ["-qec", ClssProcess.CommandLine("models", "get", "structure", "--offline"), "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["CLSS_HOME"] = folder.File("clss-home");
        start.Environment["TERM"] = "dumb";
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        await process.StandardInput.WriteLineAsync(answer);
        await process.StandardInput.FlushAsync(limit.Token);
        string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);

        Assert.Contains("Do you accept these terms? [y/N]", output, StringComparison.Ordinal);
        Assert.Contains(expected, output, StringComparison.Ordinal);
        Assert.Equal(1, process.ExitCode);
        Assert.False(File.Exists(folder.File("clss-home", "models", "structure")));
    }

    [Fact]
    public void Model_WithoutATower_UsesTheInstalledWeights()
    {
        string mini = Repository.SharedPath("models", "clss-mini");
        string tiny = Repository.SharedPath("golden", "esm3-tiny");
        using var folder = new TemporaryFolder();
        folder.Write("q.fasta", Proteins.Three);
        folder.Write("helix.pdb", StructureTests.Pdb(40, rise: 1.5, turn: 100, radius: 2.3));
        string[] structure = ["embed", "helix.pdb", "structure.npy", "--model", "bare"];
        string[] sequences = ["embed", "q.fasta", "sequences.npy", "--model", "bare"];
        const string missing = "error: Structure weights not found. Sequence search works without them. To fetch: clss models get structure (needs accepting the ESM3 licence).";
        Copy(mini, folder.File("bare"), ("config.json", "config.json"), ("clss.safetensors", "clss.safetensors"));
        ClssProcess.Run(folder, structure).ShouldFail(1, missing);
        ClssProcess.Run(folder, "createdb", "q.fasta", "db", "--model", "bare").ShouldSucceed();
        ClssProcess.Run(folder, "search", "helix.pdb", "db", "-", "--model", "bare", "--target-modality", "sequence").ShouldFail(1, missing);
        ClssProcess.Run(folder, sequences).ShouldSucceed();

        // The same numbers as with the tower in the model's own folder. The kind of a file is told by its content.
        string installed = folder.File("clss-home", "models", "structure");
        Copy(mini, installed, ("config.json", "config.json"), ("esm3.safetensors", Files[0]), ("structure_encoder.safetensors", Files[1]));
        ClssProcess.Run(folder, structure).ShouldSucceed();
        ClssProcess.Run(folder, "embed", "helix.pdb", "whole.npy", "--model", mini).ShouldSucceed();
        Assert.Equal(File.ReadAllBytes(folder.File("whole.npy")), File.ReadAllBytes(folder.File("structure.npy")));

        // Weights of another width, and damaged ones, are in nobody's way.
        Copy(tiny, installed, ("config.json", "config.json"), (Files[0], Files[0]), (Files[1], Files[1]));
        ClssProcess.Run(folder, structure).ShouldFail(1, missing);
        ClssProcess.Run(folder, sequences).ShouldSucceed();
        File.Delete(Path.Combine(installed, Files[1]));
        Assert.Contains("are damaged", ClssProcess.Run(folder, sequences).ShouldSucceed().Error, StringComparison.Ordinal);
    }

    private static void Copy(string source, string target, params (string From, string To)[] files)
    {
        Directory.CreateDirectory(target);
        foreach ((string from, string to) in files)
        {
            File.WriteAllBytes(Path.Combine(target, to), File.ReadAllBytes(Path.Combine(source, from)));
        }
    }

    private static ClssProcess.Outcome Run(TemporaryFolder folder, FileHub hub, params string[] arguments) =>
        ClssProcess.RunIn(folder, Environment(hub), arguments).ShouldSucceed();

    private static Dictionary<string, string?> Environment(FileHub hub) => new()
    {
        ["HF_ENDPOINT"] = hub.Endpoint,
        ["HF_TOKEN"] = null,
        ["HUGGING_FACE_HUB_TOKEN"] = null,
        ["HF_HUB_DISABLE_IMPLICIT_TOKEN"] = "1",
        ["HF_HUB_OFFLINE"] = null,
        ["NO_PROXY"] = "127.0.0.1",
    };
}
