namespace Clss.Index;

/// <summary>In which form a collection keeps its vectors.</summary>
public enum VectorStorage
{
    /// <summary>Four bytes an element: vectors keep their bits.</summary>
    Float32,

    /// <summary>
    /// Two bytes an element, 16-bit fixed point: the vectors take half the room. An element moves by at most 1.6e-5 when the row is written (half precision, of
    /// the same size, would move it by up to 1.2e-4 below 0.5 and by twice that above), and never again: the rounded vector is the row's vector in searches, in what is read back and after
    /// any merge. Lengths, and so similarities, differ from those of unit vectors by up to 1.6e-5 · √dimension at the very most, and by 1e-5 as a rule.
    /// Of the ten nearest of a float collection RECALL were found, in COST. See docs/design/index-storage.md.
    /// </summary>
    Int16,
}
