namespace Clss.Testing.SyntheticDomains;

/// <summary>
/// Where a domain lies in the hierarchy. H, T and F are numbers of their own: each contains that of the level above, 64 children apart, so the order
/// of the numbers is the order of the tree.
/// </summary>
internal readonly record struct DomainLabel(int Architecture, int X, ulong H, ulong T, ulong F, ulong Cluster);
