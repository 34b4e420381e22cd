using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Clss.Cli.Output;
using Clss.Embedder;
using Clss.Embedder.Hub;
using Clss.Embedder.Inputs;

namespace Clss.Cli.Commands;

/// <summary><c>clss doctor</c>: whether this machine has what the program needs, and how fast it is.</summary>
internal static class DoctorCommand
{
    // Human hemoglobin alpha: any real protein would do for a self-test.
    private const string Hemoglobin =
        "VLSPADKTNVKAAWGKVGAHAGEYGAEALERMFLSFPTTKTYFPHFDLSHGSAQVKGHGKKVADALTNAVAHVDDMPNALSALSDLHAHKLRVDPVNFKLLSHCLLVTLAAHLPAEFTPAVHASLDKFLASVSTVLTSKYR";

    public static Command Create(GlobalOptions global)
    {
        var command = new Command("doctor");
        command.SetAction(parse =>
        {
            Session session = global.Read(parse);
            return Run(session);
        });
        return command;
    }

    private static int Run(Session session)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        var table = new RowTable(session, "clss.doctor.v1", "check", "state", "what");
        int bad = 0;
        void Row(string check, bool ok, string what)
        {
            bad += ok ? 0 : 1;
            table.Add(Cell.Of(check), Cell.Of(ok ? "ok" : "problem"), Cell.Of(what));
        }

        Row("program", true, $"clss {ToolVersion.Text} on {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}");
        Row("processor", true, $"{Environment.ProcessorCount} threads, vectors of {VectorBits} bits");
        double available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9;
        Row("memory", available >= 1, string.Create(culture, $"{available:0.0} GB available to the program"));
        Row("built-in model", TrySelfTest(session, out string test), test);

        var store = new ModelStore();
        Row("model cache", TryCache(store.Root, out string cache), cache);
        foreach (InstalledModel model in store.List())
        {
            Row($"model {model.Name}", model.Problem is null, model.Problem ?? string.Create(culture, $"{model.Size / 1e6:0.0} MB in {model.Path}"));
        }

        HubSettings hub = HubSettings.FromEnvironment();
        Row("downloads", true, $"from {hub.Endpoint}, token {(hub.Token is null ? "none (HF_TOKEN)" : "set")}{(hub.Offline ? ", offline" : "")}");
        string data = DatabasePath.DataFolder ?? "not set; databases are found by path";
        Row("CLSS_DATA_DIR", DatabasePath.DataFolder is null || Directory.Exists(data), Directory.Exists(data) || DatabasePath.DataFolder is null ? data : $"{data} does not exist");
        session.Messages.Info(bad == 0 ? "All is well." : $"{bad} problem(s); see above.");
        return bad == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    private static int VectorBits =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 32;

    private static bool TrySelfTest(Session session, out string what)
    {
        try
        {
            using ClssEmbedder embedder = ClssEmbedder.LoadBuiltIn(new EmbedderOptions { Threads = session.Threads });
            var proteins = new ProteinSequence[64];
            Array.Fill(proteins, new ProteinSequence(Hemoglobin));
            float[] vectors = new float[proteins.Length * embedder.Dimension];
            embedder.EmbedBatch(proteins, vectors); // the first run compiles
            long start = Stopwatch.GetTimestamp();
            embedder.EmbedBatch(proteins, vectors);
            double rate = proteins.Length * Hemoglobin.Length / Stopwatch.GetElapsedTime(start).TotalSeconds;
            double norm = Math.Sqrt(vectors.Take(embedder.Dimension).Sum(x => (double)x * x));
            bool unit = Math.Abs(norm - 1) < 1e-5;
            what = unit
                ? string.Create(CultureInfo.InvariantCulture, $"{embedder.Name}: {embedder.Dimension}-D unit vectors, {rate:N0} residues/s")
                : string.Create(CultureInfo.InvariantCulture, $"{embedder.Name}: a vector of length {norm}, not 1");
            return unit;
        }
        catch (ClssEmbedderException exception)
        {
            what = exception.Message;
            return false;
        }
    }

    private static bool TryCache(string root, out string what)
    {
        try
        {
            Directory.CreateDirectory(root);
            string probe = Path.Combine(root, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            var drive = new DriveInfo(Path.GetFullPath(root));
            what = string.Create(CultureInfo.InvariantCulture, $"{root}, {drive.AvailableFreeSpace / 1e9:0.0} GB free");
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            what = $"{root}: {exception.Message} Set CLSS_HOME to a folder that can be written.";
            return false;
        }
    }
}
