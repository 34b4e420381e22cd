namespace Clss.Embedder.Tensors;

/// <summary>Sequences packed end to end in the rows of one tensor, without padding.</summary>
public sealed class PackedLengths
{
    private readonly int[] _starts;

    /// <summary>Packs sequences of these lengths, in tokens, one after the other.</summary>
    public PackedLengths(ReadOnlySpan<int> lengths)
    {
        _starts = new int[lengths.Length + 1];
        for (int i = 0; i < lengths.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(lengths[i], nameof(lengths));
            _starts[i + 1] = checked(_starts[i] + lengths[i]);
            Longest = Math.Max(Longest, lengths[i]);
        }
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>Tokens of all sequences together: the rows.</summary>
    public int Total => _starts[^1];

    /// <summary>Tokens of the longest sequence.</summary>
    public int Longest { get; }

    /// <summary>First row of a sequence.</summary>
    public int Start(int sequence) => _starts[sequence];

    /// <summary>Tokens of a sequence.</summary>
    public int Length(int sequence) => _starts[sequence + 1] - _starts[sequence];
}
