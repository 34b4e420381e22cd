namespace Clss.Ingest.Structures;

/// <summary>Tells chains in whose coordinates the structure network would see nothing.</summary>
internal static class BackboneCheck
{
    /// <summary>Why a chain cannot be used; null when it can.</summary>
    public static (string Reason, string Detail)? FindFault(ChainBackbone chain)
    {
        ReadOnlySpan<float> coordinates = chain.Backbone.Coordinates.Span;
        int complete = 0;
        int alphaCarbons = 0;
        bool distinct = false;
        for (int i = 0; i < chain.Length; i++)
        {
            ReadOnlySpan<float> residue = coordinates.Slice(i * 9, 9);
            alphaCarbons += float.IsFinite(residue[3]) ? 1 : 0;
            if (!IsComplete(residue))
            {
                continue;
            }

            complete++;
            distinct |= !residue[..3].SequenceEqual(residue[3..6]);
        }

        return complete == 0
            ? (StructureRejectionReasons.NoBackbone, $"none of its {chain.Length:N0} residues has N, CA and C ({(alphaCarbons > 0 ? $"CA alone in {alphaCarbons:N0}" : "no CA either")}).")
            : !distinct
                ? (StructureRejectionReasons.BadCoordinates, $"N and CA have the same coordinates in all {complete:N0} residues that have them.")
                : null;
    }

    private static bool IsComplete(ReadOnlySpan<float> residue)
    {
        foreach (float value in residue)
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }
}
