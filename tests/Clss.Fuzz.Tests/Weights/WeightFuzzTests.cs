using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Clss.Embedder.Tests.Weights;
using Clss.Embedder.Weights;
using Clss.Testing;

namespace Clss.Fuzz.Tests.Weights;

/// <summary>
/// Damaged weights give a result or the reader's own error, in bounded time and memory.
/// <c>CLSS_FUZZ_SECONDS</c> sets the seconds of each test, <c>CLSS_FUZZ_SEED</c> repeats a run.
/// </summary>
public class WeightFuzzTests
{
    private const double DefaultSeconds = 1;

    /// <summary>What one input of a few kilobytes may allocate; the readers' own limits are for the largest checkpoints.</summary>
    private const long MaxAllocatedBytes = 64L << 20;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(5);

    [Fact]
    public void Safetensors_Mutated_GivesAResultOrItsError() =>
        Run(Safetensors(), bytes => ReadAll(SafetensorsFile.Open(new MemoryStream(bytes), "fuzz.safetensors")));

    [Fact]
    public void ZipCheckpoint_Mutated_GivesAResultOrItsError() => Run(Fixture().Zip(), OpenCheckpoint);

    [Fact]
    public void DeflatedCheckpoint_Mutated_GivesAResultOrItsError() => Run(Fixture().Zip(CompressionLevel.Optimal), OpenCheckpoint);

    [Fact]
    public void LegacyCheckpoint_Mutated_GivesAResultOrItsError() => Run(Fixture().Legacy(), OpenCheckpoint);

    [Theory]
    [InlineData("clss-tiny.lckpt")]
    [InlineData("clss-tiny-legacy.pt")]
    public void ReferenceCheckpoint_Mutated_GivesAResultOrItsError(string file) =>
        Run(File.ReadAllBytes(Repository.SharedPath("golden", file)), OpenCheckpoint);

    [Fact]
    public void Pickle_MutatedInsideASoundZip_GivesAResultOrItsError()
    {
        TorchFixture fixture = Fixture();
        Run(fixture.Pickle(legacy: false), pickle => OpenCheckpoint(
            TorchFixture.Zip([("data.pkl", pickle), .. fixture.Tensors.Select((tensor, i) => ($"data/{1000 + i}", tensor.Bytes))])));
    }

    [Fact]
    public void Pickle_OfRandomOpcodes_GivesAResultOrItsError()
    {
        byte[] opcodes = [.. "(.012GJKMNQRTUXabcehjqrstu}])BC"u8, 0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94];
        Run([], (_, random) =>
        {
            var pickle = new PickleBuilder((byte)random.Next(2, 6));
            for (int i = random.Next(1, 200); i > 0; i--)
            {
                pickle = random.Next(6) switch
                {
                    0 => pickle.Global("torch._utils", "_rebuild_tensor_v2"),
                    1 => pickle.Global("collections", "OrderedDict"),
                    2 => pickle.Tensor("FloatStorage", "0", random.Next(4), random.Next(4), [random.Next(4)], [random.Next(4)]),
                    3 => pickle.Text("state_dict"),
                    _ => pickle.Op(opcodes[random.Next(opcodes.Length)]),
                };
            }

            OpenCheckpoint(TorchFixture.Zip([("data.pkl", pickle.Stop()), ("data/0", new byte[4])]));
        });
    }

    [Fact]
    public void ModelManifest_Mutated_GivesAResultOrItsError()
    {
        using var folder = new TemporaryFolder();
        string manifest = Path.Combine(Repository.Root, "src", "Clss.Embedder", "BuiltIn", "clss-mini", "model.json");
        Run(File.ReadAllBytes(manifest), bytes =>
        {
            File.WriteAllBytes(folder.File("model.json"), bytes);
            ModelDirectory.Load(folder.Path);
        });
    }

    private static void Run(byte[] sound, Action<byte[]> read) => Run(sound, (bytes, random) => read(Mutate(bytes, random)));

    private static void Run(byte[] sound, Action<byte[], Random> attempt)
    {
        int seed = Environment.GetEnvironmentVariable("CLSS_FUZZ_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Random.Shared.Next();
        double seconds = Environment.GetEnvironmentVariable("CLSS_FUZZ_SECONDS") is { } time ? double.Parse(time, CultureInfo.InvariantCulture) : DefaultSeconds;
        ITestOutputHelper output = TestContext.Current.TestOutputHelper!;
        output.WriteLine($"seed {seed}");
        (int opened, int refused) = (0, 0);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            int round = opened + refused;
            var random = new Random(unchecked((seed * 397) + round));
            TimeSpan start = clock.Elapsed;
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                attempt(sound, random);
                opened++;
            }
            catch (WeightFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {e.GetType().Name} is not the reader's own error.", e);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.True(allocated < MaxAllocatedBytes, $"seed {seed}, round {round}: {allocated} bytes were allocated.");
            Assert.True(clock.Elapsed - start < MaxTime, $"seed {seed}, round {round}: took {clock.Elapsed - start}.");
        }

        output.WriteLine($"{opened} opened, {refused} refused");
        Assert.True(refused > 0, $"seed {seed}: no input was refused.");
    }

    private static byte[] Mutate(byte[] sound, Random random)
    {
        List<byte> bytes = [.. sound];
        for (int i = random.Next(1, 4); i > 0 && bytes.Count > 16; i--)
        {
            int at = random.Next(bytes.Count - 8);
            int length = random.Next(1, Math.Min(64, bytes.Count - at));
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length), length));
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    Overwrite(bytes, at, random);
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Puts a length or offset that lies.</summary>
    private static void Overwrite(List<byte> bytes, int at, Random random)
    {
        Span<byte> number = stackalloc byte[8];
        ulong[] lies = [0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, long.MaxValue, ulong.MaxValue, (ulong)bytes.Count, (ulong)random.NextInt64()];
        BinaryPrimitives.WriteUInt64LittleEndian(number, lies[random.Next(lies.Length)]);
        int width = 1 << random.Next(1, 4);
        for (int i = 0; i < width; i++)
        {
            bytes[at + i] = number[i];
        }
    }

    private static TorchFixture Fixture()
    {
        var random = new Random(1);
        var fixture = new TorchFixture();
        for (int i = 0; i < 12; i++)
        {
            fixture.Add($"sequence_encoder.layer.{i}.weight", TorchFixture.Values(random, [4, 3]), 4, 3);
        }

        fixture.Add("half", "HalfStorage", new byte[64], 32, 2, [3, 4], [1, 3]);
        fixture.Beside.Add(("hyper_parameters", pickle => pickle.Global("argparse", "Namespace").Op(')').Op(0x81).Op('}').Text("hidden_dim").Int(32).Op('s').Op('b')));
        return fixture;
    }

    private static byte[] Safetensors()
    {
        var writer = new SafetensorsWriter();
        writer.AddMetadata("format", "pt");
        var random = new Random(1);
        foreach (WeightType type in (WeightType[])[WeightType.Float64, WeightType.Float32, WeightType.Float16, WeightType.BFloat16])
        {
            writer.Add($"layer.{type}.weight", type, [4, 3], TorchFixture.Values(random, [4, 3]));
        }

        var stream = new MemoryStream();
        writer.Write(stream);
        return stream.ToArray();
    }

    private static void OpenCheckpoint(byte[] bytes) => ReadAll(TorchFixture.Open(bytes));

    private static void ReadAll(WeightFile opened)
    {
        using WeightFile file = opened;
        foreach (WeightInfo info in file.Tensors.Values.Where(info => info.Type is WeightType.Float64 or WeightType.Float32 or WeightType.Float16 or WeightType.BFloat16))
        {
            TorchFixture.Values(file, info.Name);
        }
    }
}
