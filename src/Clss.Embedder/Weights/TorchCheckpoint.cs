using System.Buffers;
using System.Globalization;
using Clss.Embedder.Weights.Torch;

namespace Clss.Embedder.Weights;

/// <summary>
/// Reads checkpoints of PyTorch and PyTorch Lightning, the zip form and the older one. The pickle inside is read as data and never run:
/// see <c>docs/formats/model-directory.md</c>. The tensors are those of <c>state_dict</c>, or of the whole file where it is one.
/// </summary>
public sealed class TorchCheckpoint : WeightFile
{
    private const string StateDictKey = "state_dict";
    private const string HyperParametersKey = "hyper_parameters";

    private readonly ByteSource _source;
    private readonly TorchArchive _archive;
    private readonly Dictionary<string, WeightInfo> _infos = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TorchTensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _hyperParameters = new(StringComparer.Ordinal);

    private TorchCheckpoint(ByteSource source)
    {
        _source = source;
        _archive = TorchArchive.Open(source);
        CollectTensors(FindStateDict());
        CollectHyperParameters();
    }

    /// <inheritdoc/>
    public override string Source => _source.Name;

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, WeightInfo> Tensors => _infos;

    /// <summary>The texts, numbers and switches that Lightning saved as hyper-parameters, as text; empty where there are none.</summary>
    public IReadOnlyDictionary<string, string> HyperParameters => _hyperParameters;

    /// <summary>Opens a checkpoint and checks everything but the numbers.</summary>
    /// <exception cref="WeightFormatException">Absent, cut off, damaged, hostile, or with tensors of a kind not known here.</exception>
    public static TorchCheckpoint Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(ByteSource.Open(path));
    }

    /// <summary>Opens a checkpoint in a seekable stream, which is disposed with the result.</summary>
    /// <exception cref="WeightFormatException">Cut off, damaged, hostile, or with tensors of a kind not known here.</exception>
    public static TorchCheckpoint Open(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Open(ByteSource.Open(stream, name));
    }

    /// <inheritdoc/>
    protected override void ReadElements(WeightInfo info, Span<float> destination)
    {
        TorchTensor tensor = _tensors[info.Name];
        _archive.Verify(tensor.Storage);
        if (IsContiguous(tensor))
        {
            ReadContiguous(tensor, destination);
        }
        else
        {
            ReadStrided(info, tensor, destination);
        }
    }

    internal override unsafe byte* Map(WeightInfo info)
    {
        TorchTensor tensor = _tensors[info.Name];
        if (!IsContiguous(tensor) || _archive.Offset(tensor.Storage) is not long offset)
        {
            return null;
        }

        _archive.Verify(tensor.Storage);
        int size = info.Type.Size();
        return _source.Map(offset + (tensor.Offset * size), info.Count * size);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    internal static TorchCheckpoint Open(ByteSource source)
    {
        try
        {
            return new TorchCheckpoint(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private PickleDict FindStateDict()
    {
        switch (_archive.Root)
        {
            case PickleDict root when root.TryGet(StateDictKey, out object? value):
                return value switch
                {
                    PickleDict state => state,
                    PickleOpaque opaque => throw Unusable(StateDictKey, opaque),
                    _ => throw new WeightFormatException($"{Source}: '{StateDictKey}' is no dict of tensors."),
                };
            case PickleDict root when root.ByText.Values.Any(value => value is TorchTensor):
                return root;
            case PickleDict root:
                string keys = string.Join(", ", root.ByText.Keys.Take(8).Select(key => $"'{key}'"));
                throw new WeightFormatException($"{Source} has no '{StateDictKey}' and no tensors at its top; it holds {(keys.Length == 0 ? "nothing" : keys)}.");
            case PickleOpaque opaque:
                throw Unusable("the whole file", opaque);
            default:
                throw new WeightFormatException($"{Source} holds no dict of tensors. Save the model's state_dict() with torch.save.");
        }
    }

    private void CollectTensors(PickleDict state)
    {
        foreach ((string name, object? value) in state.ByText)
        {
            switch (value)
            {
                case TorchTensor tensor:
                    _infos.Add(name, Check(name, tensor));
                    _tensors.Add(name, tensor);
                    break;
                case PickleOpaque opaque:
                    throw Unusable($"tensor '{name}'", opaque);
                case PickleDict or PickleList or PickleTuple when state != _archive.Root:
                    throw new WeightFormatException($"{Source}: '{name}' in '{StateDictKey}' is a container, expected a tensor.");
                default:
                    // Extra state of a module: a number, a text or None.
                    break;
            }
        }
    }

    /// <summary>A tensor must have a known type and lie inside its storage.</summary>
    private WeightInfo Check(string name, TorchTensor tensor)
    {
        if (tensor.Type is not WeightType type)
        {
            throw new WeightFormatException($"{Source}: tensor '{name}' has elements of {tensor.Storage.TypeName}, which are not read here. Convert the model to float32 in Python and save it again.");
        }

        if (tensor.Shape.Length != tensor.Strides.Length || tensor.Offset < 0 || tensor.Shape.Any(length => length < 0) || tensor.Strides.Any(stride => stride < 0))
        {
            throw new WeightFormatException($"{Source}: tensor '{name}' has shape {WeightInfo.FormatShape(tensor.Shape)} with strides {WeightInfo.FormatShape(tensor.Strides)}; the file is damaged.");
        }

        long available = (long)(tensor.Storage.Bytes / type.Size());
        (Int128 count, Int128 last) = (1, tensor.Offset);
        for (int i = 0; i < tensor.Shape.Length && count != 0; i++)
        {
            count *= tensor.Shape[i];
            last += (Int128)Math.Max(tensor.Shape[i] - 1, 0) * tensor.Strides[i];

            // A view that repeats elements could be given any size for nothing; no network saves one.
            if (count > available || last >= available + (Int128)tensor.Offset)
            {
                break;
            }
        }

        return count == 0 || (count <= available && last < available)
            ? new WeightInfo(name, type, Array.AsReadOnly(tensor.Shape))
            : throw new WeightFormatException(
                $"{Source}: tensor '{name}' {WeightInfo.FormatShape(tensor.Shape)} with strides {WeightInfo.FormatShape(tensor.Strides)} and offset {tensor.Offset} "
                + $"does not fit its storage of {available} elements; the file is damaged.");
    }

    private void CollectHyperParameters()
    {
        if (_archive.Root is not PickleDict root || !root.TryGet(HyperParametersKey, out object? value))
        {
            return;
        }

        PickleDict? parameters = value as PickleDict ?? (value as PickleOpaque)?.Fields;
        foreach ((string name, object? parameter) in parameters?.ByText ?? new Dictionary<string, object?>())
        {
            if (parameter is string or long or double or bool)
            {
                _hyperParameters[name] = Convert.ToString(parameter, CultureInfo.InvariantCulture)!;
            }
        }
    }

    private static bool IsContiguous(TorchTensor tensor)
    {
        long expected = 1;
        for (int i = tensor.Shape.Length - 1; i >= 0; i--)
        {
            if (tensor.Shape[i] != 1 && tensor.Strides[i] != expected)
            {
                return false;
            }

            expected *= tensor.Shape[i];
        }

        return true;
    }

    private void ReadContiguous(TorchTensor tensor, Span<float> destination)
    {
        int size = tensor.Type!.Value.Size();
        using Stream content = OpenAt(tensor, size);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(WeightConversion.ChunkBytes);
        try
        {
            while (!destination.IsEmpty)
            {
                int count = Math.Min(destination.Length, WeightConversion.ChunkBytes / size);
                Span<byte> stored = buffer.AsSpan(0, count * size);
                TorchArchive.Fill(content, stored, Source);
                WeightConversion.ToSingle(tensor.Type.Value, stored, destination[..count]);
                destination = destination[count..];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The storage from the tensor's first element on.</summary>
    private Stream OpenAt(TorchTensor tensor, int elementBytes)
    {
        Stream content = _archive.OpenStorage(tensor.Storage);
        TorchArchive.Skip(content, tensor.Offset * elementBytes, Source);
        return content;
    }

    /// <summary>Reads the part of the storage that the view spans, then picks its elements in order.</summary>
    private void ReadStrided(WeightInfo info, TorchTensor tensor, Span<float> destination)
    {
        if (destination.IsEmpty)
        {
            return;
        }

        long span = 1;
        for (int i = 0; i < tensor.Shape.Length; i++)
        {
            span += (tensor.Shape[i] - 1) * tensor.Strides[i];
        }

        int size = tensor.Type!.Value.Size();
        if (span > Array.MaxLength / size)
        {
            throw new WeightFormatException($"{Source}: tensor '{info.Name}' is a view over {span} elements, more than can be held at once. Save it again with contiguous().");
        }

        var stored = new byte[span * size];
        using Stream content = OpenAt(tensor, size);
        TorchArchive.Fill(content, stored, Source);
        var values = new float[span];
        WeightConversion.ToSingle(tensor.Type.Value, stored, values);
        var index = new long[tensor.Shape.Length];
        long position = 0;
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = values[position];
            position = Advance(tensor, index, position);
        }
    }

    /// <summary>The position of the next element, the last dimension running fastest.</summary>
    private static long Advance(TorchTensor tensor, long[] index, long position)
    {
        for (int axis = index.Length - 1; axis >= 0; axis--)
        {
            position += tensor.Strides[axis];
            if (++index[axis] < tensor.Shape[axis])
            {
                return position;
            }

            position -= index[axis] * tensor.Strides[axis];
            index[axis] = 0;
        }

        return position;
    }

    private WeightFormatException Unusable(string what, PickleOpaque opaque) =>
        new($"{Source}: {what} is built by '{opaque.Constructor}', which is not run here and not one of the constructors that a state dict needs. "
            + "Load the model in Python, and save its state_dict() with torch.save or as safetensors.");
}
