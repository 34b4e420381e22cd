using System.Buffers.Binary;
using System.Text;

namespace Clss.Embedder.Tests.Weights;

/// <summary>Writes pickles opcode by opcode, sound ones and others.</summary>
internal sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [];

    public PickleBuilder(byte protocol = 2) => Op(0x80).Raw(protocol);

    public byte[] ToArray() => [.. _bytes];

    public byte[] Stop() => Op('.').ToArray();

    public PickleBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBuilder Op(char opcode) => Raw((byte)opcode);

    public PickleBuilder Op(byte opcode) => Raw(opcode);

    public PickleBuilder Text(string text) => Counted('X', Encoding.UTF8.GetBytes(text));

    public PickleBuilder Int(long value) => value is >= 0 and < 256 ? Op('K').Raw((byte)value) : Long(BitConverter.GetBytes(value));

    public PickleBuilder Long(byte[] littleEndian) => Op(0x8A).Raw((byte)littleEndian.Length).Raw(littleEndian);

    public PickleBuilder Global(string module, string name) => Op('c').Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBuilder LongPut(uint index) => Op('r').Raw(UInt32(index));

    public PickleBuilder LongGet(uint index) => Op('j').Raw(UInt32(index));

    public PickleBuilder Tuple(params long[] values)
    {
        Op('(');
        foreach (long value in values)
        {
            Int(value);
        }

        return Op('t');
    }

    /// <summary>A reference to stored elements, as torch writes it.</summary>
    public PickleBuilder Storage(string type, string key, long count, bool legacy = false)
    {
        Op('(').Text("storage").Global("torch", type).Text(key).Text("cpu").Int(count);
        return (legacy ? Op('N') : this).Op('t').Op('Q');
    }

    public PickleBuilder Tensor(string type, string key, long count, long offset, long[] shape, long[] strides, bool legacy = false) =>
        Global("torch._utils", "_rebuild_tensor_v2")
            .Op('(').Storage(type, key, count, legacy).Int(offset).Tuple(shape).Tuple(strides).Op(0x89)
            .Global("collections", "OrderedDict").Op(')').Op('R').Op('t').Op('R');

    private PickleBuilder Counted(char opcode, byte[] content) => Op(opcode).Raw(UInt32((uint)content.Length)).Raw(content);

    private static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }
}
