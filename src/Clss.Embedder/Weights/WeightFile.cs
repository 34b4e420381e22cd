namespace Clss.Embedder.Weights;

/// <summary>
/// The named tensors of one source: a file, a resource or a checkpoint. The header is read and checked on opening,
/// the numbers when they are asked for. Reading from several threads at once is allowed.
/// </summary>
public abstract class WeightFile : IDisposable
{
    /// <summary>The path or name the tensors come from, for messages.</summary>
    public abstract string Source { get; }

    /// <summary>Every tensor by its full name.</summary>
    public abstract IReadOnlyDictionary<string, WeightInfo> Tensors { get; }

    /// <summary>
    /// Writes a tensor's elements as single precision to <paramref name="destination"/>, contiguous, the last dimension fastest.
    /// </summary>
    /// <param name="name">The full name.</param>
    /// <param name="destination">Exactly as many numbers as the tensor has elements.</param>
    /// <exception cref="WeightFormatException">No such tensor, a tensor of whole numbers, or damaged data.</exception>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void Read(string name, Span<float> destination)
    {
        WeightInfo info = Find(name);
        if (!info.Type.IsFloat())
        {
            throw new WeightFormatException($"{Source}: tensor '{name}' holds {info.Type}, and weights must be Float64, Float32, Float16 or BFloat16.");
        }

        if (destination.Length != info.Count)
        {
            throw new ArgumentException($"Tensor '{name}' of {Source} has {info.Count} elements {info.ShapeText}, the destination has room for {destination.Length}.", nameof(destination));
        }

        ReadElements(info, destination);
    }

    /// <summary>
    /// The bytes of a tensor in the mapped file, after the checks that reading would do, or null where it does not lie there as it is needed:
    /// compressed, strided, at an odd address, or in no file. Valid until this is disposed.
    /// </summary>
    internal virtual unsafe byte* Map(WeightInfo info) => null;

    /// <summary>The description of a tensor by its full name.</summary>
    /// <exception cref="WeightFormatException">No such tensor; the message names the most similar one.</exception>
    public WeightInfo Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Tensors.TryGetValue(name, out WeightInfo? info)
            ? info
            : throw new WeightFormatException($"{Source} has no tensor '{name}'.{NameSuggestion.For(name, Tensors.Keys)}");
    }

    /// <summary>Releases the file.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Fills the destination, whose length has been checked, from a tensor of real numbers.</summary>
    protected abstract void ReadElements(WeightInfo info, Span<float> destination);

    /// <summary>Releases what the source holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
