namespace Clss.Ingest.Structures;

/// <summary>Turns structures into the chains and domains that are embedded.</summary>
public static class BackboneExtractor
{
    /// <summary>Takes every protein chain of a model, or the domain that is selected.</summary>
    /// <param name="structure">The structure.</param>
    /// <param name="selection">Model, chain and residues; null for every protein chain of the first model.</param>
    /// <param name="policy">Which residues and atoms to keep.</param>
    public static BackboneExtraction Extract(Structure structure, StructureSelection? selection = null, StructurePolicy policy = StructurePolicy.Default)
    {
        ArgumentNullException.ThrowIfNull(structure);
        selection ??= new StructureSelection();
        var run = new ExtractionRun(structure, selection, policy);
        run.Run();
        return new BackboneExtraction(run.Taken, run.Rejected);
    }
}
