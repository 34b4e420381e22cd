namespace Clss.Testing.SyntheticDomains;

/// <summary>The sets of vectors that <see cref="SyntheticData"/> makes.</summary>
internal enum SyntheticKind
{
    /// <summary>Row i is domain i / 2: its sequence where i is even, its structure where odd.</summary>
    Base,

    /// <summary>
    /// 10,000 queries: 0 to 4,999 sequences of held-out domains; 5,000 to 8,999 segments, the even ones of domains of the base (all of the first 100,000 rows),
    /// the odd ones of held-out domains; 9,000 to 9,999 anywhere on the sphere.
    /// </summary>
    Query,

    /// <summary>Evenly distributed on the sphere: the worst case of any index.</summary>
    UniformBase,

    /// <summary>Queries of the same distribution.</summary>
    UniformQuery,
}
