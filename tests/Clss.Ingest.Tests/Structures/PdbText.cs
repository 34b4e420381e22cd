using System.Globalization;
using System.Text;

namespace Clss.Ingest.Tests.Structures;

/// <summary>Writes small PDB files for tests: residues along x, 3.8 Å apart, with bonds of the right length.</summary>
internal sealed class PdbText
{
    private readonly StringBuilder _text = new();
    private int _serial;

    /// <summary>Adds N, CA, C of one residue at a place along the chain.</summary>
    public PdbText Residue(string name, int number, int place, char chain = 'A', char insertionCode = ' ', char altLoc = ' ', float occupancy = 1, bool hetero = false)
    {
        Atom("N", name, number, (3.8f * place) + 0f, chain, insertionCode, altLoc, occupancy, hetero);
        Atom("CA", name, number, (3.8f * place) + 1.4f, chain, insertionCode, altLoc, occupancy, hetero);
        return Atom("C", name, number, (3.8f * place) + 2.5f, chain, insertionCode, altLoc, occupancy, hetero);
    }

    public PdbText Atom(string atom, string name, int number, float x, char chain = 'A', char insertionCode = ' ', char altLoc = ' ', float occupancy = 1, bool hetero = false)
    {
        _serial++;
        return Line(string.Create(
            CultureInfo.InvariantCulture,
            $"{(hetero ? "HETATM" : "ATOM  ")}{_serial,5}  {atom,-3}{altLoc}{name,3} {chain}{number,4}{insertionCode}   {x,8:F3}{0.25,8:F3}{-1.5,8:F3}{occupancy,6:F2}{number,6:F2}          {atom[0],2}"));
    }

    public PdbText Line(string line)
    {
        _text.Append(line).Append('\n');
        return this;
    }

    public Stream ToStream() => new MemoryStream(Encoding.Latin1.GetBytes(_text.ToString()));

    public override string ToString() => _text.ToString();
}
