namespace Clss.Ingest.Structures;

/// <summary>Which residues and atoms of a structure are embedded. docs/formats/structures.md lists where the two differ.</summary>
public enum StructurePolicy
{
    /// <summary>What a structural biologist expects: every protein chain, modified residues as their parents, the better-occupied conformer.</summary>
    Default,

    /// <summary>The parser of the original Python program, to the letter: the chain of the first atom, no HETATM, the first conformer that occurs.</summary>
    Reference,
}
