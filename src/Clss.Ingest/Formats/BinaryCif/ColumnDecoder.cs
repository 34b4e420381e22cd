using System.Buffers.Binary;
using Clss.Ingest.Structures;

namespace Clss.Ingest.Formats.BinaryCif;

/// <summary>
/// Unpacks columns: D. Sehnal, S. Bittrich, S. Velankar, J. Koca, R. Svobodova, S. K. Burley, A. S. Rose, PLoS Comput. Biol. 16 (2020) e1008247, and the format's
/// specification 0.3.0. Every size that the file states is checked against the rows of its category before memory is taken.
/// </summary>
internal readonly ref struct ColumnDecoder
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly string _source;
    private readonly string _column;

    public ColumnDecoder(ReadOnlySpan<byte> file, string source, string column)
    {
        _file = file;
        _source = source;
        _column = column;
    }

    /// <summary>Unpacks numbers as integers.</summary>
    /// <param name="data">The packed bytes.</param>
    /// <param name="steps">How they were packed, first step first.</param>
    /// <param name="max">How many there may be at most.</param>
    public int[] DecodeIntegers(ReadOnlySpan<byte> data, ReadOnlySpan<ColumnEncoding> steps, int max)
    {
        if (steps.IsEmpty)
        {
            throw Bad("has no encoding");
        }

        ColumnEncoding last = steps[^1];
        int[] values = last.Kind == "ByteArray" ? DecodeBytes(data, last.Type) : throw Bad($"is packed as {last.Kind}, where ByteArray must come last");
        for (int i = steps.Length - 2; i >= 0; i--)
        {
            values = steps[i].Kind switch
            {
                "IntegerPacking" => UnpackIntegers(values, steps[i]),
                "RunLength" => UnpackRuns(values, steps[i].SourceSize, max),
                "Delta" => UnpackDeltas(values, steps[i].Origin),
                _ => throw Bad($"is packed as {steps[i].Kind}, which is no way to pack whole numbers"),
            };
        }

        return values;
    }

    /// <summary>Unpacks numbers as floating point.</summary>
    public float[] DecodeReals(ReadOnlySpan<byte> data, ReadOnlySpan<ColumnEncoding> steps, int max)
    {
        if (steps.IsEmpty)
        {
            throw Bad("has no encoding");
        }

        ColumnEncoding first = steps[0];
        if (first.Kind == "ByteArray" && first.Type is 32 or 33 && steps.Length == 1)
        {
            return DecodeRealBytes(data, first.Type, max);
        }

        bool isScaled = first.Kind is "FixedPoint" or "IntervalQuantization";
        int[] integers = DecodeIntegers(data, isScaled ? steps[1..] : steps, max);
        float[] values = new float[integers.Length];
        if (first.Kind == "IntervalQuantization" && first.Steps < 2)
        {
            throw Bad($"is quantised in {first.Steps} steps");
        }

        double offset = first.Kind == "IntervalQuantization" ? first.Min : 0;
        double step = first.Kind == "IntervalQuantization" ? (first.Max - first.Min) / (first.Steps - 1) : 0;
        for (int i = 0; i < integers.Length; i++)
        {
            values[i] = (float)(first.Kind switch
            {
                "FixedPoint" => integers[i] / first.Factor,
                "IntervalQuantization" => offset + (step * integers[i]),
                _ => integers[i],
            });
        }

        return values;
    }

    /// <summary>Unpacks text: the distinct strings, and for each row which one; -1 for none.</summary>
    public (byte[][] Strings, int[] Indices) DecodeStrings(ReadOnlySpan<byte> data, ColumnEncoding step, int max)
    {
        ReadOnlySpan<byte> text = _file.Slice(step.StringData.Start, step.StringData.Length);
        int[] offsets = DecodeIntegers(_file.Slice(step.Offsets.Start, step.Offsets.Length), step.OffsetEncoding, Math.Max(max, text.Length) + 1);
        byte[][] strings = new byte[Math.Max(0, offsets.Length - 1)][];

        // Offsets count UTF-16 units; as long as all text is ASCII those are bytes.
        string? wide = System.Text.Ascii.IsValid(text) ? null : System.Text.Encoding.UTF8.GetString(text);
        int length = wide?.Length ?? text.Length;
        for (int i = 0; i < strings.Length; i++)
        {
            if (offsets[i] < 0 || offsets[i + 1] < offsets[i] || offsets[i + 1] > length)
            {
                throw Bad($"has text from {offsets[i]} to {offsets[i + 1]} where {length} characters are");
            }

            strings[i] = wide is null
                ? text[offsets[i]..offsets[i + 1]].ToArray()
                : System.Text.Encoding.UTF8.GetBytes(wide[offsets[i]..offsets[i + 1]]);
        }

        int[] indices = DecodeIntegers(data, step.DataEncoding, max);
        foreach (int index in indices)
        {
            if (index < -1 || index >= strings.Length)
            {
                throw Bad($"names string {index} of {strings.Length}");
            }
        }

        return (strings, indices);
    }

    public StructureFormatException Bad(string what) => new($"{_source}: column {_column} {what}. The file is damaged.");

    private static int SizeOf(int type) => type switch
    {
        1 or 4 => 1,
        2 or 5 => 2,
        3 or 6 or 32 => 4,
        33 => 8,
        _ => 0,
    };

    private int[] DecodeBytes(ReadOnlySpan<byte> data, int type)
    {
        int size = type is 32 or 33 ? 0 : SizeOf(type);
        if (size == 0 || data.Length % size != 0)
        {
            throw Bad($"has {data.Length} bytes of type {type}, which are no whole numbers");
        }

        // Packing may take several numbers for one; more bytes than the file has it cannot take.
        int[] values = new int[data.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = type switch
            {
                1 => (sbyte)data[i],
                4 => data[i],
                2 => BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]),
                5 => BinaryPrimitives.ReadUInt16LittleEndian(data[(2 * i)..]),
                _ => BinaryPrimitives.ReadInt32LittleEndian(data[(4 * i)..]),
            };
        }

        return values;
    }

    private float[] DecodeRealBytes(ReadOnlySpan<byte> data, int type, int max)
    {
        int size = SizeOf(type);
        if (data.Length % size != 0 || data.Length / size > max)
        {
            throw Bad($"has {data.Length} bytes of floating point for at most {max} rows");
        }

        float[] values = new float[data.Length / size];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = size == 4 ? BinaryPrimitives.ReadSingleLittleEndian(data[(4 * i)..]) : (float)BinaryPrimitives.ReadDoubleLittleEndian(data[(8 * i)..]);
        }

        return values;
    }

    /// <summary>Numbers too large for their bytes are written as several of the limit and a rest.</summary>
    private int[] UnpackIntegers(int[] packed, ColumnEncoding step)
    {
        if (step.SourceSize < 0 || step.SourceSize > packed.Length || step.ByteCount is not (1 or 2))
        {
            throw Bad($"unpacks {packed.Length} numbers of {step.ByteCount} bytes to {step.SourceSize}");
        }

        int upper = step.IsUnsigned ? (step.ByteCount == 1 ? byte.MaxValue : ushort.MaxValue) : (step.ByteCount == 1 ? sbyte.MaxValue : short.MaxValue);
        int lower = step.IsUnsigned ? -1 : -upper - 1;
        int[] values = new int[step.SourceSize];
        int position = 0;
        for (int i = 0; i < values.Length; i++)
        {
            int value = 0;
            while (position < packed.Length && (packed[position] == upper || packed[position] == lower))
            {
                value += packed[position++];
            }

            if (position == packed.Length)
            {
                throw Bad($"ends inside number {i} of {values.Length}");
            }

            values[i] = value + packed[position++];
        }

        return values;
    }

    private int[] UnpackRuns(int[] runs, int size, int max)
    {
        if (size < 0 || size > max || runs.Length % 2 != 0)
        {
            throw Bad($"unpacks {runs.Length} numbers of runs to {size}, where {max} are the most");
        }

        int[] values = new int[size];
        int position = 0;
        for (int i = 0; i < runs.Length; i += 2)
        {
            if (runs[i + 1] < 0 || runs[i + 1] > size - position)
            {
                throw Bad($"has a run of {runs[i + 1]} where {size - position} are left");
            }

            values.AsSpan(position, runs[i + 1]).Fill(runs[i]);
            position += runs[i + 1];
        }

        return position == size ? values : throw Bad($"has runs of {position} in all, not {size}");
    }

    private static int[] UnpackDeltas(int[] values, int origin)
    {
        int value = origin;
        for (int i = 0; i < values.Length; i++)
        {
            value += values[i];
            values[i] = value;
        }

        return values;
    }
}
