namespace Clss.Ingest.Structures;

/// <summary>One atom as a reader found it, on its way into the <see cref="StructureBuilder"/>. The spans live as long as the reader's row.</summary>
internal ref struct AtomSite
{
    public AtomRecord Atom;
    public ReadOnlySpan<byte> Component;
    public ReadOnlySpan<byte> AuthId;
    public ReadOnlySpan<byte> LabelId;
    public int Number;
    public int LabelNumber;
    public char InsertionCode;
}
