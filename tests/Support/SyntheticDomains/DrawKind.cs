namespace Clss.Testing.SyntheticDomains;

/// <summary>What a random number is drawn for. The numbers are part of the data: adding one at the end changes nothing, any other change does.</summary>
internal enum DrawKind : ulong
{
    Rotation = 1,
    XPick,
    ArchitecturePick,
    HPick,
    TPick,
    FPick,
    ClusterPick,
    Architecture,
    X,
    H,
    T,
    F,
    Direction,
    Cluster,
    Domain,
    Modality,
    ModalityMean,
    Isotropic,
    SegmentNoise,
    SegmentDomain,
    UniformBase,
    UniformQuery,
}
