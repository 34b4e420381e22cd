namespace Clss.Embedder.Weights;

/// <summary>What a file says of one tensor.</summary>
/// <param name="Name">The full name, for example <c>sequence_adapter.1.weight</c>.</param>
/// <param name="Type">The stored element type.</param>
/// <param name="Shape">The length of each dimension, outermost first; empty for a single number.</param>
public sealed record WeightInfo(string Name, WeightType Type, IReadOnlyList<long> Shape)
{
    /// <summary>The number of elements: the product of <see cref="Shape"/>.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (long length in Shape)
            {
                count = checked(count * length);
            }

            return count;
        }
    }

    /// <summary>The shape as text, for example <c>[33, 40]</c>.</summary>
    public string ShapeText => FormatShape(Shape);

    internal static string FormatShape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";
}
