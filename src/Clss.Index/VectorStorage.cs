namespace Clss.Index;

/// <summary>In which form a collection keeps its vectors.</summary>
public enum VectorStorage
{
    /// <summary>Four bytes an element: vectors keep their bits.</summary>
    Float32,

    /// <summary>
    /// Two bytes an element, 16-bit fixed point: the vectors take half the room, which of a million rows of 32 elements with short keys leaves 119 bytes each on
    /// disk instead of 183. An element moves by at most 1.6e-5 when the row is written (half precision, of the same size, would move it by up to 1.2e-4 below 0.5
    /// and by twice that above), and never again: the rounded vector is the row's vector in searches, in what is read back and after any merge. Lengths, and
    /// so similarities, are off by 1e-5 as a rule and by 1.6e-5 · √dimension at the very most. An exact search finds 99.98 % of the ten nearest of the vectors
    /// as they were before; searches take no longer. See docs/design/index-storage.md.
    /// </summary>
    Int16,
}
