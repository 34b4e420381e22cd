namespace Clss.Embedder.Weights.Torch;

/// <summary>
/// The constructors a checkpoint needs, done by hand. Any other becomes a <see cref="PickleOpaque"/> that only carries its name:
/// training leaves many harmless classes beside the weights (hyper-parameters, callbacks, paths), and a placeholder cannot run.
/// Names that only serve to run code are refused at once, since such a file is an attack on whoever opens it in Python.
/// Layout of the arguments: torch/_utils.py and torch/serialization.py of PyTorch 2.x.
/// </summary>
internal sealed class PickleConstructors(string place)
{
    private const int MaxDimensions = 64;

    /// <summary>Items copied from one container to another in all; a pickle could have one long list copied again and again.</summary>
    private const int MaxCopied = 1_000_000;

    private static readonly string[] CodeModules =
        ["os", "posix", "nt", "subprocess", "sys", "importlib", "runpy", "shutil", "socket", "ctypes", "pty", "webbrowser", "pickle", "_pickle", "marshal", "pip", "pdb", "bdb", "timeit"];

    private static readonly string[] CodeBuiltins =
        ["eval", "exec", "compile", "execfile", "__import__", "open", "input", "breakpoint", "globals", "locals", "vars", "delattr", "apply", "help", "exit", "quit"];

    private int _copied;

    /// <summary>Every storage seen so far by its key; a checkpoint whose tensors disagree about one is refused.</summary>
    public Dictionary<string, TorchStorage> Storages { get; } = new(StringComparer.Ordinal);

    /// <summary>The name of a class or function, unless it could only serve to run code.</summary>
    public PickleGlobal Global(string module, string name)
    {
        string root = module.Split('.', 2)[0];
        bool runsCode = CodeModules.Contains(root) || (root is "builtins" or "__builtin__" && CodeBuiltins.Contains(name.Split('.', 2)[0]));
        return runsCode
            ? throw new WeightFormatException(
                $"{place}: the checkpoint names '{module}.{name}', which would run code on the machine of whoever opens it in Python. "
                + "Nothing was run. Do not use this file; get the checkpoint from its publisher.")
            : new PickleGlobal(module, name);
    }

    /// <summary>What a call or a new object gives.</summary>
    public object? Call(object? callable, PickleTuple arguments)
    {
        if (callable is not PickleGlobal global)
        {
            return new PickleOpaque(callable is PickleOpaque opaque ? opaque.Constructor : "an object that is no class");
        }

        object? result = global.FullName switch
        {
            "collections.OrderedDict" or "collections.defaultdict" or "builtins.dict" or "__builtin__.dict" => Dict(arguments),
            "builtins.list" or "builtins.set" or "builtins.frozenset" or "__builtin__.set" or "__builtin__.list" => List(arguments),
            "torch.Size" or "builtins.tuple" or "__builtin__.tuple" => arguments is { Items: [PickleTuple items] } ? items : null,
            "torch._utils._rebuild_tensor" or "torch._utils._rebuild_tensor_v2" => Tensor(arguments, typed: false),
            "torch._utils._rebuild_tensor_v3" => Tensor(arguments, typed: true),
            "torch._utils._rebuild_parameter" or "torch._utils._rebuild_parameter_with_state" =>
                arguments is { Items: [TorchTensor data, ..] } ? data : null,
            "torch._tensor._rebuild_from_type_v2" => FromType(arguments),
            _ => null,
        };
        return result ?? new PickleOpaque(global.FullName);
    }

    /// <summary>The storage that a persistent id names: ("storage", class, key, device, count).</summary>
    public object Storage(object? id)
    {
        if (id is not PickleTuple { Items: ["storage", PickleGlobal storageClass, string key, _, long count, ..] items }
            || count < 0 || key.Length > 256)
        {
            throw new WeightFormatException($"{place}: the pickle refers to outside data in a way that torch does not write; the file is damaged or no checkpoint.");
        }

        if (items is [_, _, _, _, _, not null, ..])
        {
            throw new WeightFormatException($"{place}: storage '{key}' is a view of another, as torch 0.1 wrote it. Save the checkpoint again with a current torch.");
        }

        (WeightType? Type, int Bytes)? element = storageClass.Module is "torch" or "torch.cuda" or "torch.storage" ? TorchTypes.OfStorage(storageClass.Name) : null;
        if (element is null)
        {
            throw new WeightFormatException(
                $"{place}: storage '{key}' is of class '{storageClass.FullName}', whose element size is not known here. Convert the model to float32 in Python and save it again.");
        }

        var storage = new TorchStorage(key, element.Value.Type, storageClass.Name, element.Value.Bytes, count);
        if (Storages.TryGetValue(key, out TorchStorage? known))
        {
            return known == storage ? known : throw new WeightFormatException($"{place}: two tensors disagree about the type or size of storage '{key}'; the file is damaged.");
        }

        Storages.Add(key, storage);
        return storage;
    }

    private PickleDict? Dict(PickleTuple arguments)
    {
        var dict = new PickleDict();
        switch (arguments.Items)
        {
            // collections.defaultdict has its factory here, which is not called.
            case [] or [PickleGlobal] or [null]:
                return dict;
            case [PickleList pairs]:
                CountCopied(pairs.Items.Count);
                foreach (object? pair in pairs.Items)
                {
                    (object? key, object? value) = pair switch
                    {
                        PickleTuple { Items: [var k, var v] } => (k, v),
                        PickleList { Items: [var k, var v] } => (k, v),
                        _ => (null, null),
                    };
                    dict.Set(key, value);
                }

                return dict;
            default:
                return null;
        }
    }

    private static PickleList? List(PickleTuple arguments)
    {
        switch (arguments.Items)
        {
            case []:
                return new PickleList();
            case [PickleList items]:
                return items;
            default:
                return null;
        }
    }

    private TorchTensor? FromType(PickleTuple arguments) =>
        arguments.Items is [PickleGlobal { FullName: "torch._utils._rebuild_tensor_v2" or "torch._utils._rebuild_tensor" }, _, PickleTuple inner, ..]
            ? Tensor(inner, typed: false)
            : null;

    /// <summary>(storage, offset, shape, strides, requires_grad, hooks[, dtype][, metadata]); null for a form that is not understood.</summary>
    private TorchTensor? Tensor(PickleTuple arguments, bool typed)
    {
        if (arguments.Items is not [TorchStorage storage, long offset, PickleTuple shape, PickleTuple strides, .. object?[] rest]
            || Lengths(shape) is not long[] lengths || Lengths(strides) is not long[] steps
            || rest.Length > (typed ? 4 : 3))
        {
            return null;
        }

        WeightType? type = storage.Type;
        object? metadata = rest.ElementAtOrDefault(typed ? 3 : 2);
        if (typed)
        {
            type = rest.ElementAtOrDefault(2) is PickleGlobal { Module: "torch" } dtype ? TorchTypes.OfDtype(dtype.Name) : null;
        }

        // Metadata marks lazily negated or conjugated views.
        return metadata is null or PickleDict { ByText.Count: 0, OtherCount: 0 }
            ? new TorchTensor(storage, type, offset, lengths, steps)
            : null;
    }

    private long[]? Lengths(PickleTuple tuple)
    {
        if (tuple.Count > MaxDimensions || !tuple.Items.All(item => item is long))
        {
            return null;
        }

        CountCopied(tuple.Count);
        return [.. tuple.Items.Cast<long>()];
    }

    private void CountCopied(int count)
    {
        _copied += count;
        if (_copied > MaxCopied)
        {
            throw new WeightFormatException($"{place}: the pickle copies more than {MaxCopied} items, far more than any checkpoint; it was made to exhaust the reader.");
        }
    }
}
