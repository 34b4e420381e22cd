using System.Runtime.InteropServices;

namespace Clss.Ingest.Structures;

/// <summary>One atom as stored: 32 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AtomRecord
{
    public AtomName Name;
    public float X;
    public float Y;
    public float Z;
    public float Occupancy;
    public float BFactor;

    /// <summary>Two ASCII letters, the first in the low byte; 0 when the file does not say.</summary>
    public ushort Element;

    /// <summary>The letter of the conformer; 0 when there is one only.</summary>
    public byte AltLoc;

    public bool IsHetero;
}

/// <summary>One residue as stored: its atoms are AtomStart .. AtomStart + AtomCount.</summary>
internal struct ResidueRecord
{
    public const int NoLabelNumber = int.MinValue;

    public int AtomStart;
    public int AtomCount;
    public int Component;
    public int LabelId;
    public int Number;
    public int LabelNumber;
    public int Chain;
    public char InsertionCode;
}

internal struct ChainRecord
{
    public string AuthId;
    public int Model;
    public int ResidueStart;
    public int ResidueCount;
}

internal struct ModelRecord
{
    public int Number;
    public int ChainStart;
    public int ChainCount;

    /// <summary>Whether the file announced it; atoms before the first, or behind the end, of an announced model form models of their own.</summary>
    public bool IsAnnounced;
}

/// <summary>What is known of a kind of residue.</summary>
/// <param name="Name">As the file writes it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Letter">Its one-letter code, or its parent's; X when it has none.</param>
/// <param name="Parent">The standard residue it was made from; null for standard and unknown ones.</param>
/// <param name="IsStatedModification">Whether the file itself lists it as a modified residue of its polymers.</param>
internal sealed record Component(string Name, ComponentKind Kind, char Letter, string? Parent, bool IsStatedModification = false);

internal enum ComponentKind
{
    Unknown,
    AminoAcid,
    Cap,
    Nucleotide,
    Sugar,
    Water,
}
