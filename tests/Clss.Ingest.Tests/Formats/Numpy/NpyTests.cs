using System.Text;
using Clss.Ingest.Formats.Numpy;
using Clss.Testing;

namespace Clss.Ingest.Tests.Formats.Numpy;

public class NpyTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 32)]
    [InlineData(1000, 7)]
    public void WriteThenRead_AnyShape_IsIdentical(int rows, int columns)
    {
        using var folder = new TemporaryFolder();
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(i => MathF.Sin(i) * 1e3f)];
        string path = folder.File("x.npy");
        using (FileStream stream = File.Create(path))
        {
            var writer = new NpyWriter(stream, columns);
            for (int row = 0; row < rows; row++)
            {
                writer.Write(values.AsSpan(row * columns, columns));
            }

            writer.Finish();
        }

        using var reader = NpyReader.Open(path);
        Assert.Equal((rows, columns), (reader.Rows, reader.Columns));
        float[] read = new float[values.Length];
        int done = 0;
        float[] block = new float[columns * 13];
        while (reader.ReadRows(block) is int count and > 0)
        {
            block.AsSpan(0, count * columns).CopyTo(read.AsSpan(done * columns));
            done += count;
        }

        Assert.Equal(rows, done);
        Assert.Equal(values, read);
    }

    [Fact]
    public void Write_Header_IsVersion10AndAligned()
    {
        var stream = new MemoryStream();
        var writer = new NpyWriter(stream, 2);
        writer.Write([1, 2, 3, 4]);
        writer.Finish();
        byte[] bytes = stream.ToArray();
        Assert.Equal(128 + 16, bytes.Length);
        Assert.Equal([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, 118, 0], bytes[..10]);
        Assert.Equal("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", Encoding.ASCII.GetString(bytes, 10, 118).TrimEnd());
        Assert.Equal((byte)'\n', bytes[127]);
    }

    [Fact]
    public void Continue_AfterACut_GoesOnBehindTheLastWholeRow()
    {
        var stream = new MemoryStream();
        new NpyWriter(stream, 3).Write([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        NpyWriter writer = NpyWriter.Continue(stream, 3, 2);
        writer.Write([10, 11, 12]);
        writer.Finish();
        stream.Position = 0;
        using var reader = NpyReader.Open(stream, "x");
        float[] read = new float[9];
        Assert.Equal(3, reader.ReadRows(read));
        Assert.Equal([1, 2, 3, 4, 5, 6, 10, 11, 12], read);
        Assert.Throws<ClssIngestException>(() => NpyWriter.Continue(new MemoryStream(), 3, 2));
    }

    [Theory]
    [InlineData("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }", 8)]
    [InlineData("{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2), }", 2)]
    [InlineData("{'shape':(2,2),'fortran_order':False,\"descr\":\"<f4\"}", 4)]
    public void Read_OtherFloats_AreConverted(string dictionary, int size)
    {
        byte[] data = [.. new[] { 1.5f, -2f, 0.25f, 1024f }.SelectMany(value => size switch { 2 => BitConverter.GetBytes((Half)value), 4 => BitConverter.GetBytes(value), _ => BitConverter.GetBytes((double)value) })];
        using var reader = NpyReader.Open(new MemoryStream(Array(dictionary, data)), "x.npy");
        float[] read = new float[4];
        Assert.Equal(2, reader.ReadRows(read));
        Assert.Equal([1.5f, -2f, 0.25f, 1024f], read);
    }

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 2), }", "big-endian")]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }", "Fortran order")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 2), }", "Python objects")]
    [InlineData("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 2), }", "the elements are <i4")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2), }", "the elements are [('a', '<f4')")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4,), }", "shape (4)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }", "shape (2, 0)")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "cut off or damaged")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", "cut off or damaged")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 268435455), }", "cut off or damaged")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 2), }", "shape")]
    [InlineData("{'descr': '<f4', 'shape': (2, 2), }", "not understood")]
    [InlineData("hello", "not understood")]
    public void Open_ArrayThatIsNotWanted_IsNamed(string dictionary, string message)
    {
        var exception = Assert.Throws<ClssIngestException>(() => NpyReader.Open(new MemoryStream(Array(dictionary, new byte[16])), "x.npy"));
        Assert.StartsWith("x.npy: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_CutAnywhere_IsRefused()
    {
        byte[] whole = Array("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", new byte[16]);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Throws<ClssIngestException>(() => NpyReader.Open(new MemoryStream(whole[..length]), "x.npy"));
        }
    }

    private static byte[] Array(string dictionary, byte[] data) =>
        [0x93, .. "NUMPY"u8, 1, 0, (byte)(dictionary.Length + 1), 0, .. Encoding.ASCII.GetBytes(dictionary), (byte)'\n', .. data];
}
