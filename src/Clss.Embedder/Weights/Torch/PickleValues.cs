using System.Diagnostics.CodeAnalysis;

namespace Clss.Embedder.Weights.Torch;

// What a pickle is read into. Whole numbers are long, real numbers double, texts string, bytes byte[], None is null.

/// <summary>The name of a Python class or function. It is never looked up and never called.</summary>
internal sealed record PickleGlobal(string Module, string Name)
{
    public string FullName => $"{Module}.{Name}";
}

/// <summary>A whole number beyond 64 bits, kept as text.</summary>
internal sealed record PickleBigInteger(string Hexadecimal);

/// <summary>A Python tuple.</summary>
internal sealed record PickleTuple(object?[] Items)
{
    public int Count => Items.Length;
}

/// <summary>A Python list, or a set, whose order is that of the file.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A Python dict. Only texts can be looked up, so that no hostile key is ever hashed or compared in depth.</summary>
internal sealed class PickleDict
{
    private readonly Dictionary<string, object?> _byText = new(StringComparer.Ordinal);

    /// <summary>Pairs whose key is a text, in the order of their first appearance.</summary>
    public IReadOnlyDictionary<string, object?> ByText => _byText;

    /// <summary>The number of pairs with another key; their values are of no use here.</summary>
    public int OtherCount { get; private set; }

    public void Set(object? key, object? value)
    {
        if (key is string text)
        {
            _byText[text] = value;
        }
        else
        {
            OtherCount++;
        }
    }

    public bool TryGet(string key, [MaybeNullWhen(false)] out object? value) => _byText.TryGetValue(key, out value);
}

/// <summary>
/// The place of an object that Python would have built by calling something. Nothing was called:
/// only the name and the pairs or attributes that were to be set are kept.
/// </summary>
internal sealed class PickleOpaque(string constructor)
{
    public string Constructor { get; } = constructor;

    /// <summary>The pairs of a class derived from dict, or the attributes of any other object.</summary>
    public PickleDict? Fields { get; set; }
}

/// <summary>A run of elements of one type, stored beside the pickle.</summary>
/// <param name="Key">The name of the zip entry, or the key in the legacy form.</param>
/// <param name="Type">The element type, or null where it is not read here (complex, quantised).</param>
/// <param name="TypeName">The class of the storage, for messages.</param>
/// <param name="ElementBytes">The bytes of one element.</param>
/// <param name="Count">The number of elements.</param>
internal sealed record TorchStorage(string Key, WeightType? Type, string TypeName, int ElementBytes, long Count)
{
    public Int128 Bytes => (Int128)Count * ElementBytes;
}

/// <summary>A view of a storage. The numbers are as the file gives them; <see cref="TorchCheckpoint"/> checks those it uses.</summary>
internal sealed record TorchTensor(TorchStorage Storage, WeightType? Type, long Offset, long[] Shape, long[] Strides);
