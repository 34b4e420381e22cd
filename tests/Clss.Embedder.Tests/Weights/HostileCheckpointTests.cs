using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Clss.Embedder.Weights;

namespace Clss.Embedder.Tests.Weights;

public class HostileCheckpointTests
{
    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("subprocess", "Popen")]
    [InlineData("builtins", "eval")]
    [InlineData("builtins", "exec")]
    [InlineData("__builtin__", "eval")]
    [InlineData("builtins", "__import__")]
    [InlineData("importlib", "import_module")]
    public void Open_CodeBesideTheWeights_IsRefusedByName(string module, string name)
    {
        TorchFixture fixture = new TorchFixture().Add("w", [1f], 1);
        fixture.Beside.Add(("callbacks", pickle => pickle.Global(module, name).Text("touch /tmp/owned").Op(0x85).Op('R')));
        foreach (string form in TorchCheckpointTests.Forms)
        {
            var error = Assert.Throws<WeightFormatException>(() => TorchFixture.Open(TorchCheckpointTests.Build(fixture, form)));
            Assert.Contains($"'{module}.{name}'", error.Message, StringComparison.Ordinal);
            Assert.Contains("test.ckpt", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Open_StackGlobalOfCode_IsRefusedByName()
    {
        byte[] pickle = new PickleBuilder(4).Text("os").Text("system").Op(0x93).Text("id").Op(0x85).Op('R').Stop();
        Assert.Contains("'os.system'", Refusal(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_UnknownClassesBesideTheWeights_AreInert()
    {
        TorchFixture fixture = new TorchFixture().Add("w", [1f], 1);
        fixture.Beside.Add(("path", pickle => pickle.Global("pathlib", "PosixPath").Text("/tmp").Op(0x85).Op('R')));
        fixture.Beside.Add(("device", pickle => pickle.Global("torch", "device").Text("cuda").Op(0x85).Op('R')));
        fixture.Beside.Add(("method", pickle => pickle.Global("builtins", "getattr").Global("my.module", "Thing").Text("run").Op(0x86).Op('R').Op(')').Op('R')));
        fixture.Beside.Add(("list", pickle => pickle.Global("my.module", "List").Op(')').Op(0x81).Op('(').Int(1).Op('e').Op('}').Op('b')));
        using TorchCheckpoint file = TorchFixture.Open(fixture.Zip());
        Assert.Equal([1f], TorchFixture.Values(file, "w"));
    }

    [Fact]
    public void Open_TensorOfUnknownConstructor_IsRefusedByName()
    {
        byte[] pickle = new PickleBuilder().Op('}').Text("state_dict").Op('}').Text("layer.weight").Global("my.module", "make_tensor").Op(')').Op('R').Op('s').Op('s').Stop();
        string message = Refusal(pickle);
        Assert.Contains("'layer.weight'", message, StringComparison.Ordinal);
        Assert.Contains("'my.module.make_tensor'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_StateDictOfUnknownConstructor_IsRefusedByName()
    {
        byte[] pickle = new PickleBuilder().Op('}').Text("state_dict").Global("my.module", "State").Op(')').Op('R').Op('s').Stop();
        Assert.Contains("'my.module.State'", Refusal(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_WholeModelInsteadOfStateDict_IsRefusedByName()
    {
        byte[] pickle = new PickleBuilder().Global("my.module", "Network").Op(')').Op(0x81).Op('}').Op('b').Stop();
        Assert.Contains("'my.module.Network'", Refusal(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ReferenceToNothing_IsRefused() => Assert.Contains("object 7", Refusal(new PickleBuilder().LongGet(7).Stop()), StringComparison.Ordinal);

    [Theory]
    [InlineData(1_000_000u)]
    [InlineData(uint.MaxValue)]
    public void Open_ObjectNumberFarOff_IsRefused(uint index) =>
        Assert.Contains($"number {index}", Refusal(new PickleBuilder().Op('N').LongPut(index).Stop()), StringComparison.Ordinal);

    [Fact]
    public void Open_ReferenceIntoAGap_IsRefused() =>
        Assert.Contains("object 5", Refusal(new PickleBuilder().Op('N').LongPut(9).LongGet(5).Stop()), StringComparison.Ordinal);

    [Fact]
    public void Open_MostCostlyPickle_TakesBoundedMemory()
    {
        byte[] pickle = [.. new PickleBuilder().ToArray(), .. Enumerable.Repeat((byte)'}', 1_100_000)];
        byte[] zip = TorchFixture.Zip([("data.pkl", pickle)]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WeightFormatException>(() => TorchFixture.Open(zip));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 256 << 20);
    }

    [Fact]
    public void Read_LargeDeflatedStorage_IsInflatedTwiceAtMost()
    {
        // Once for the checksum, once for the numbers; again for every piece would take hours at a checkpoint's size.
        const int count = 8_000_000;
        byte[] zip = new TorchFixture().Add("w", new float[count], count).Zip(CompressionLevel.Fastest);
        using TorchCheckpoint file = TorchFixture.Open(zip);
        long start = Stopwatch.GetTimestamp();
        TorchFixture.Values(file, "w");
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void Open_ListInsideItself_Ends()
    {
        byte[] pickle = new PickleBuilder().Op('}').Text("state_dict").Op('}').Text("x").Op(']').LongPut(0).LongGet(0).Op('a').Op('s').Op('s').Stop();
        Assert.Contains("'x'", Refusal(pickle), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_DeepNesting_Ends()
    {
        var pickle = new PickleBuilder().Op('}').Text("state_dict").Op('}').Text("x").Op(')');
        for (int i = 0; i < 500_000; i++)
        {
            pickle.Op(0x85);
        }

        Assert.Contains("'x'", Refusal(pickle.Op('s').Op('s').Stop()), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BillionLaughs_TakesNoMemory()
    {
        // Each list holds the one before ten times: 10^60 items if anyone counted.
        var pickle = new PickleBuilder().Op('}').Text("state_dict").Op('}').Text("x").Op(']').LongPut(0);
        for (uint level = 1; level <= 60; level++)
        {
            pickle.Op('0').Op(']').LongPut(level).Op('(');
            for (int i = 0; i < 10; i++)
            {
                pickle.LongGet(level - 1);
            }

            pickle.Op('e');
        }

        Assert.Contains("'x'", Refusal(pickle.Op('s').Op('s').Stop()), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ListCopiedAgainAndAgain_IsRefused()
    {
        var pickle = new PickleBuilder().Op(']').LongPut(0).Op('(');
        for (int i = 0; i < 10_000; i++)
        {
            pickle.Op(')');
        }

        pickle.Op('e').Global("collections", "OrderedDict").LongPut(1);
        for (int i = 0; i < 10_000; i++)
        {
            pickle.LongGet(1).LongGet(0).Op(0x85).Op('R');
        }

        Assert.Contains("copies more than", Refusal(pickle.Stop()), StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EndlessPickle_IsRefused()
    {
        byte[] pickle = [.. new PickleBuilder().ToArray(), .. Enumerable.Repeat((byte)'N', 1_100_000)];
        Assert.Contains("steps", Refusal(pickle), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData('X', 4)]
    [InlineData('B', 4)]
    [InlineData('T', 4)]
    [InlineData('\u008b', 4)]
    [InlineData('\u008d', 8)]
    [InlineData('\u008e', 8)]
    [InlineData('\u0096', 8)]
    public void Open_HugeLength_IsRefusedBeforeAllocating(char opcode, int width)
    {
        byte[] length = [.. Enumerable.Repeat((byte)0xFF, width)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refusal(new PickleBuilder().Op((byte)opcode).Raw(length).Stop());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Theory]
    [InlineData("0123456789")]
    [InlineData("i")]
    [InlineData("R.")]
    [InlineData("(.")]
    [InlineData("u.")]
    [InlineData("t.")]
    [InlineData("0.")]
    [InlineData("Nb.")]
    [InlineData("}(Nu.")]
    [InlineData("NNs.")]
    [InlineData("NQ.")]
    [InlineData("cabc")]
    [InlineData("]NR.")]
    [InlineData("q\u0001.")]
    [InlineData("")]
    public void Open_NonsenseOpcodes_AreRefused(string opcodes) => Refusal(new PickleBuilder().Raw(Encoding.Latin1.GetBytes(opcodes)).ToArray());

    [Theory]
    [InlineData(4, 0, 5, 1)]
    [InlineData(4, 1, 4, 1)]
    [InlineData(4, 0, 2, 4)]
    [InlineData(4, -1, 2, 1)]
    [InlineData(4, 0, -2, 1)]
    [InlineData(4, 0, 2, -1)]
    [InlineData(4, 0, 1_000_000_000_000, 0)]
    [InlineData(4, long.MaxValue, 1, 1)]
    [InlineData(4, 0, long.MaxValue, 0)]
    [InlineData(4, long.MaxValue, long.MaxValue, long.MaxValue)]
    public void Open_ViewBeyondItsStorage_IsRefused(long stored, long offset, long length, long stride)
    {
        TorchFixture fixture = new TorchFixture().Add("w", "FloatStorage", new byte[16], stored, offset, [length, 1], [stride, 1]);
        foreach (string form in TorchCheckpointTests.Forms)
        {
            Assert.Contains("'w'", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(TorchCheckpointTests.Build(fixture, form))).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ComplexFloatStorage", 8, "not read here")]
    [InlineData("QInt8Storage", 1, "not read here")]
    [InlineData("StrangeStorage", 1, "StrangeStorage")]
    public void Open_UnknownElementType_IsRefusedByName(string type, int bytes, string expected)
    {
        TorchFixture fixture = new TorchFixture().Add("w", type, new byte[bytes], 1, 0, [1], [1]);
        Assert.Contains(expected, Assert.Throws<WeightFormatException>(() => TorchFixture.Open(fixture.Zip())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BigEndian_IsRefusedByName()
    {
        TorchFixture fixture = new TorchFixture().Add("w", [1f], 1);
        Assert.Contains("big-endian", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(fixture.Legacy(littleEndian: false))).Message, StringComparison.Ordinal);
        byte[] zip = TorchFixture.Zip([("data.pkl", fixture.Pickle(false)), ("data/1000", new byte[4]), ("byteorder", "big"u8.ToArray())]);
        Assert.Contains("byte order is 'big'", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(zip)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_StorageOfAnotherSizeOrAbsent_IsRefused()
    {
        byte[] pickle = new TorchFixture().Add("w", [1f, 2f], 2).Pickle(false);
        using TorchCheckpoint shorter = TorchFixture.Open(TorchFixture.Zip([("data.pkl", pickle), ("data/1000", new byte[4])]));
        Assert.Contains("has 4 bytes, the pickle announces 8", Assert.Throws<WeightFormatException>(() => shorter.Read("w", new float[2])).Message, StringComparison.Ordinal);
        using TorchCheckpoint absent = TorchFixture.Open(TorchFixture.Zip([("data.pkl", pickle)]));
        Assert.Contains("which the zip file lacks", Assert.Throws<WeightFormatException>(() => absent.Read("w", new float[2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FlippedBitOfStorage_IsFoundByItsChecksum()
    {
        TorchFixture fixture = new TorchFixture().Add("w", [1f, 2f], 2);
        byte[] zip = fixture.Zip();
        int at = zip.AsSpan().IndexOf(fixture.Tensors[0].Bytes);
        zip[at + 1] ^= 4;
        using TorchCheckpoint file = TorchFixture.Open(zip);
        Assert.Contains("CRC-32", Assert.Throws<WeightFormatException>(() => file.Read("w", new float[2])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..\\..\\windows")]
    public void Open_NamesThatLeadOutside_AreNeverFollowed(string key)
    {
        var pickle = new PickleBuilder().Op('}').Text("w").Tensor("FloatStorage", key, 1, 0, [1], [1]).Op('s').Stop();
        using TorchCheckpoint file = TorchFixture.Open(TorchFixture.Zip([("data.pkl", pickle)]));
        Assert.Contains("lacks", Assert.Throws<WeightFormatException>(() => file.Read("w", new float[1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_EntryListedTwice_IsRefused()
    {
        byte[] zip = TorchFixture.Zip([("data.pkl", new TorchFixture().Add("w", [1f], 1).Pickle(false)), ("data/1000", new byte[4]), ("data/1000", new byte[4])]);
        Assert.Contains("listed twice", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(zip)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_BombForPickle_IsRefusedBeforeInflating()
    {
        byte[] zip = TorchFixture.Zip([("data.pkl", new byte[100_000_000])], CompressionLevel.Optimal);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("at most", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(zip)).Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Open_SizeNoCompressionCanGive_IsRefused()
    {
        byte[] zip = new TorchFixture().Add("w", new float[1000], 1000).Zip(CompressionLevel.Optimal);
        int entry = zip.AsSpan().LastIndexOf("archive/data/1000"u8) - 46;
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(entry + 24), 0xFFFFFF00);
        Assert.Contains("claims 4294967040 bytes", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(zip)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_Zip64Lies_AreRefused()
    {
        byte[] zip = new TorchFixture().Add("w", [1f], 1).Zip();
        int end = zip.Length - 22;
        byte[] record = new byte[56 + 20];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x06064B50);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(32), ulong.MaxValue);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(40), ulong.MaxValue);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(48), ulong.MaxValue - 5);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(56), 0x07064B50);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(64), (ulong)end);
        byte[] lying = [.. zip[..end], .. record, .. zip[end..]];
        BinaryPrimitives.WriteUInt32LittleEndian(lying.AsSpan(lying.Length - 22 + 16), uint.MaxValue);
        Assert.Contains("zip64", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(lying)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OtherZipFiles_SayWhatTheyAre()
    {
        Assert.Contains("'x/readme.txt'", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(TorchFixture.Zip([("readme.txt", [1])], folder: "x"))).Message, StringComparison.Ordinal);
        byte[] script = TorchFixture.Zip([("data.pkl", [1]), ("constants.pkl", [1])]);
        Assert.Contains("TorchScript", Assert.Throws<WeightFormatException>(() => TorchFixture.Open(script)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("stored")]
    [InlineData("deflated")]
    [InlineData("legacy")]
    public void Open_CutAtAnyLength_IsRefused(string form)
    {
        byte[] file = TorchCheckpointTests.Build(ModelFixture.Checkpoint(layers: 1), form);
        for (int length = 0; length < file.Length; length += length < 512 || length > file.Length - 512 ? 1 : 37)
        {
            Assert.Throws<WeightFormatException>(() => ReadAll(file[..length]));
        }
    }

    [Theory]
    [InlineData("stored", 3)]
    [InlineData("deflated", 3)]
    [InlineData("legacy", 1)]
    public void Open_AnyBitFlipped_GivesAResultOrTheReadersError(string form, int step)
    {
        byte[] file = TorchCheckpointTests.Build(ModelFixture.Checkpoint(layers: 1), form);
        var longest = TimeSpan.Zero;
        int refused = 0;
        for (int i = 0; i < file.Length; i += step)
        {
            byte[] flipped = [.. file];
            flipped[i] ^= (byte)(1 << (i % 8));
            long start = Stopwatch.GetTimestamp();
            refused += Opens(flipped) ? 0 : 1;
            TimeSpan time = Stopwatch.GetElapsedTime(start);
            longest = time > longest ? time : longest;
        }

        TestContext.Current.SendDiagnosticMessage($"{form}: {refused} of {file.Length / step} refused, at most {longest.TotalMilliseconds:F1} ms each");
        Assert.InRange(refused, 1, file.Length);
        Assert.True(longest < TimeSpan.FromSeconds(5), $"one file took {longest}");
    }

    internal static bool Opens(byte[] bytes)
    {
        try
        {
            ReadAll(bytes);
            return true;
        }
        catch (WeightFormatException)
        {
            return false;
        }
    }

    private static void ReadAll(byte[] bytes)
    {
        using TorchCheckpoint file = TorchFixture.Open(bytes);
        foreach (WeightInfo info in file.Tensors.Values.Where(info => info.Type.IsFloat()))
        {
            // A tensor never has more elements than its storage, nor that more than the file.
            Assert.InRange(info.Count, 0, bytes.Length * 1032L);
            TorchFixture.Values(file, info.Name);
        }
    }

    private static string Refusal(byte[] pickle) => Assert.Throws<WeightFormatException>(() => TorchFixture.OpenPickle(pickle)).Message;
}
