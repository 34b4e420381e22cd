namespace Clss.Embedder.Weights.Torch;

/// <summary>
/// Reads a pickle as data. A pickle is a program for a small stack machine that may name any Python function and have it called;
/// here names stay names, and "calls" go to <see cref="PickleConstructors"/>, which knows how tensors are put together and runs nothing.
/// The machine does not recurse, shared objects are shared and not copied, and the number of steps is limited:
/// time and memory grow with the length of the pickle alone.
/// </summary>
internal sealed class PickleReader
{
    /// <summary>A checkpoint takes about 35 steps per tensor; ESM-2's largest size has about 800 tensors, with optimizer state three times as many.</summary>
    private const int MaxSteps = 1_000_000;

    private const int NewestProtocol = 5;

    private static readonly object Unset = new();

    private readonly string _place;
    private readonly List<object?> _stack = [];
    private readonly Stack<int> _marks = [];
    private readonly List<object?> _memo = [];
    private readonly PickleConstructors _constructors;

    private PickleReader(string place)
    {
        _place = place;
        _constructors = new PickleConstructors(place);
    }

    /// <summary>Reads one pickle from the front of <paramref name="data"/>.</summary>
    /// <param name="data">The pickle and whatever follows it.</param>
    /// <param name="place">The file and part, for messages.</param>
    /// <param name="consumed">The length of the pickle in bytes.</param>
    /// <param name="storages">Every storage that the pickle refers to, by its key.</param>
    /// <exception cref="WeightFormatException">Cut off, damaged, too large, or with an opcode or constructor that is refused.</exception>
    public static object? Read(ReadOnlySpan<byte> data, string place, out int consumed, out Dictionary<string, TorchStorage> storages)
    {
        var reader = new PickleReader(place);
        var input = new PickleInput(data, place);
        object? result = reader.Run(ref input);
        consumed = input.Position;
        storages = reader._constructors.Storages;
        return result;
    }

    private object? Run(ref PickleInput input)
    {
        for (int step = 0; step < MaxSteps; step++)
        {
            var opcode = (PickleOpcode)input.Byte();
            if (opcode == PickleOpcode.Stop)
            {
                return Pop();
            }

            if (!PushValue(opcode, ref input) && !UseMemo(opcode, ref input))
            {
                Combine(opcode, input.Position);
            }
        }

        throw new WeightFormatException($"{_place}: the pickle takes more than {MaxSteps} steps, far more than any checkpoint; it was made to exhaust the reader.");
    }

    /// <summary>Opcodes that push a value read from the input.</summary>
    private bool PushValue(PickleOpcode opcode, ref PickleInput input)
    {
        switch (opcode)
        {
            case PickleOpcode.None: _stack.Add(null); return true;
            case PickleOpcode.NewTrue: _stack.Add(true); return true;
            case PickleOpcode.NewFalse: _stack.Add(false); return true;
            case PickleOpcode.BinInt: _stack.Add((long)input.Int32()); return true;
            case PickleOpcode.BinInt1: _stack.Add((long)input.Byte()); return true;
            case PickleOpcode.BinInt2: _stack.Add((long)input.UInt16()); return true;
            case PickleOpcode.Long1: _stack.Add(input.Long(input.Byte())); return true;
            case PickleOpcode.Long4: _stack.Add(input.Long(input.UInt32())); return true;
            case PickleOpcode.BinFloat: _stack.Add(input.Double()); return true;
            case PickleOpcode.ShortBinUnicode: _stack.Add(input.Utf8(input.Byte())); return true;
            case PickleOpcode.BinUnicode: _stack.Add(input.Utf8(input.UInt32())); return true;
            case PickleOpcode.BinUnicode8: _stack.Add(input.Utf8(input.UInt64())); return true;
            case PickleOpcode.ShortBinString: _stack.Add(input.Latin1(input.Byte())); return true;
            case PickleOpcode.BinString: _stack.Add(input.Latin1(input.UInt32())); return true;
            case PickleOpcode.ShortBinBytes: _stack.Add(input.Bytes(input.Byte())); return true;
            case PickleOpcode.BinBytes: _stack.Add(input.Bytes(input.UInt32())); return true;
            case PickleOpcode.BinBytes8 or PickleOpcode.ByteArray8: _stack.Add(input.Bytes(input.UInt64())); return true;
            case PickleOpcode.EmptyTuple: _stack.Add(new PickleTuple([])); return true;
            case PickleOpcode.EmptyList or PickleOpcode.EmptySet: _stack.Add(new PickleList()); return true;
            case PickleOpcode.EmptyDict: _stack.Add(new PickleDict()); return true;
            case PickleOpcode.Global: _stack.Add(_constructors.Global(input.Line(), input.Line())); return true;
            default: return false;
        }
    }

    /// <summary>Opcodes with an argument that push nothing of their own.</summary>
    private bool UseMemo(PickleOpcode opcode, ref PickleInput input)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                int protocol = input.Byte();
                return protocol is >= 2 and <= NewestProtocol
                    ? true
                    : throw new WeightFormatException($"{_place}: pickle protocol {protocol}, expected 2 to {NewestProtocol}. Save the checkpoint again with a current torch.");
            case PickleOpcode.Frame:
                _ = input.UInt64();
                return true;
            case PickleOpcode.BinPut: Remember(input.Byte()); return true;
            case PickleOpcode.LongBinPut: Remember(input.UInt32()); return true;
            case PickleOpcode.Memoize: Remember((uint)_memo.Count); return true;
            case PickleOpcode.BinGet: _stack.Add(Recall(input.Byte(), input.Position)); return true;
            case PickleOpcode.LongBinGet: _stack.Add(Recall(input.UInt32(), input.Position)); return true;
            default: return false;
        }
    }

    /// <summary>Opcodes that work on the stack alone.</summary>
    private void Combine(PickleOpcode opcode, int position)
    {
        switch (opcode)
        {
            case PickleOpcode.Mark: _marks.Push(_stack.Count); break;
            case PickleOpcode.Pop: Pop(); break;
            case PickleOpcode.PopMark: PopToMark(); break;
            case PickleOpcode.Dup: _stack.Add(Peek()); break;
            case PickleOpcode.Tuple: _stack.Add(new PickleTuple(PopToMark())); break;
            case PickleOpcode.Tuple1: _stack.Add(new PickleTuple(Pop(1))); break;
            case PickleOpcode.Tuple2: _stack.Add(new PickleTuple(Pop(2))); break;
            case PickleOpcode.Tuple3: _stack.Add(new PickleTuple(Pop(3))); break;
            case PickleOpcode.Append: Append(Pop(1)); break;
            case PickleOpcode.AppendS or PickleOpcode.AddItems: Append(PopToMark()); break;
            case PickleOpcode.FrozenSet:
                var set = new PickleList();
                set.Items.AddRange(PopToMark());
                _stack.Add(set);
                break;
            case PickleOpcode.SetItem: SetItems(Pop(2)); break;
            case PickleOpcode.SetItems: SetItems(PopToMark()); break;
            case PickleOpcode.StackGlobal: StackGlobal(Pop(2)); break;
            case PickleOpcode.Reduce or PickleOpcode.NewObj:
                object?[] call = Pop(2);
                _stack.Add(_constructors.Call(call[0], call[1] as PickleTuple ?? throw Damaged("arguments that are no tuple")));
                break;
            case PickleOpcode.NewObjEx:
                object?[] named = Pop(3);
                _stack.Add(_constructors.Call(named[0], named[1] as PickleTuple ?? throw Damaged("arguments that are no tuple")));
                break;
            case PickleOpcode.Build: Build(Pop(1)[0]); break;
            case PickleOpcode.BinPersId: _stack.Add(_constructors.Storage(Pop())); break;
            default:
                string shown = Enum.IsDefined(opcode) ? opcode.ToString() : $"0x{(byte)opcode:X2}";
                throw new WeightFormatException($"{_place}: opcode {shown} at byte {position - 1} of the pickle is not one that torch writes; the file is damaged or no checkpoint.");
        }
    }

    private void StackGlobal(object?[] names)
    {
        if (names is not [string module, string name])
        {
            throw Damaged("a global whose name is no text");
        }

        _stack.Add(_constructors.Global(module, name));
    }

    private void Append(object?[] items)
    {
        switch (Peek())
        {
            case PickleList list:
                list.Items.AddRange(items);
                break;
            case PickleOpaque:
                break;
            default:
                throw Damaged("items that are added to something that is no list");
        }
    }

    private void SetItems(object?[] pairs)
    {
        if (pairs.Length % 2 != 0)
        {
            throw Damaged("a key without a value");
        }

        PickleDict target = Peek() switch
        {
            PickleDict dict => dict,
            PickleOpaque opaque => opaque.Fields ??= new PickleDict(),
            _ => throw Damaged("pairs that are set on something that is no dict"),
        };
        for (int i = 0; i < pairs.Length; i += 2)
        {
            target.Set(pairs[i], pairs[i + 1]);
        }
    }

    /// <summary>Attributes: kept where they may matter (a Namespace of hyper-parameters), else dropped (the _metadata of a state dict).</summary>
    private void Build(object? state)
    {
        if (Peek() is PickleOpaque opaque && opaque.Fields is null && state is PickleDict fields)
        {
            opaque.Fields = fields;
        }
    }

    /// <summary>Pickles number their objects without gaps; a list, unlike a hash table, cannot be made slow by chosen numbers.</summary>
    private void Remember(uint index)
    {
        if (index >= MaxSteps)
        {
            throw Damaged($"an object with the number {index}");
        }

        while (_memo.Count <= index)
        {
            _memo.Add(Unset);
        }

        _memo[(int)index] = Peek();
    }

    private object? Recall(uint index, int position) =>
        index < _memo.Count && _memo[(int)index] is var value && value != Unset
            ? value
            : throw Damaged($"a reference at byte {position} to object {index}, which was never stored");

    private object? Peek() => _stack.Count > Floor ? _stack[^1] : throw Damaged("an operation on an empty stack");

    /// <summary>The values below the newest mark are out of reach.</summary>
    private int Floor => _marks.Count > 0 ? _marks.Peek() : 0;

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object?[] Pop(int count) =>
        _stack.Count - Floor >= count ? Cut(_stack.Count - count) : throw Damaged("an operation on an empty stack");

    private object?[] PopToMark() => _marks.TryPop(out int start) ? Cut(start) : throw Damaged("an operation that needs a mark");

    private object?[] Cut(int start)
    {
        var items = new object?[_stack.Count - start];
        _stack.CopyTo(start, items, 0, items.Length);
        _stack.RemoveRange(start, items.Length);
        return items;
    }

    private WeightFormatException Damaged(string what) => new($"{_place}: the pickle has {what}; the file is damaged.");
}
