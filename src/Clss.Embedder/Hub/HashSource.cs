namespace Clss.Embedder.Hub;

/// <summary>Who named the SHA-256 that a downloaded file was compared with.</summary>
public enum HashSource
{
    /// <summary>Nobody: the server announced none, so only the size was checked.</summary>
    None,

    /// <summary>The hub, in the same answers that led to the file. It finds damage, not a dishonest server.</summary>
    Hub,

    /// <summary>The catalogue of this program.</summary>
    Catalog,

    /// <summary>The user.</summary>
    User,
}
