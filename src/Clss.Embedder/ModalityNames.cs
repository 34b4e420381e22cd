namespace Clss.Embedder;

/// <summary>Modalities as text: in partitions of a collection, in tables, on the command line.</summary>
public static class ModalityNames
{
    /// <summary><c>sequence</c>, <c>structure</c> or <c>segment</c>.</summary>
    public static string ToName(this Modality modality) => modality switch
    {
        Modality.Sequence => "sequence",
        Modality.Structure => "structure",
        Modality.Segment => "segment",
        _ => throw new ArgumentOutOfRangeException(nameof(modality), modality, "No such modality."),
    };

    /// <summary>Reads a name; <c>seq</c>, <c>struct</c> and <c>seg</c> are accepted too.</summary>
    public static bool TryParse(string name, out Modality modality)
    {
        (bool known, modality) = name switch
        {
            "sequence" or "seq" => (true, Modality.Sequence),
            "structure" or "struct" => (true, Modality.Structure),
            "segment" or "seg" => (true, Modality.Segment),
            _ => (false, default),
        };
        return known;
    }
}
