namespace Clss.Embedder.Hub;

/// <summary>Why a download or an installation failed; the message of <see cref="HubException"/> has the particulars.</summary>
public enum HubFailure
{
    /// <summary>The name is unknown or is not allowed as a name.</summary>
    UnknownName,

    /// <summary>Downloads are switched off (<c>HF_HUB_OFFLINE</c> or <c>--offline</c>).</summary>
    Offline,

    /// <summary>401 or 403: the repository is private or gated, or the token is wrong.</summary>
    AccessDenied,

    /// <summary>404 or 410: no such repository, revision or file.</summary>
    NotFound,

    /// <summary>429 for longer than we are willing to wait.</summary>
    RateLimited,

    /// <summary>The server answers 5xx again and again.</summary>
    ServerError,

    /// <summary>No connection, a connection that breaks again and again, or a proxy that refuses.</summary>
    Network,

    /// <summary>The server stops sending again and again.</summary>
    Stalled,

    /// <summary>The TLS handshake failed: an untrusted certificate or an intercepting proxy.</summary>
    Tls,

    /// <summary>A redirect without a target, a loop, too many of them, or one that leaves https.</summary>
    Redirect,

    /// <summary>An answer that breaks HTTP or that we did not ask for: compressed, wrong range, unreasonable headers.</summary>
    Protocol,

    /// <summary>The number of bytes is not the one that was announced.</summary>
    SizeMismatch,

    /// <summary>The SHA-256 of the bytes is not the expected one.</summary>
    HashMismatch,

    /// <summary>The file is larger than the limit of <see cref="DownloadOptions.MaxBytes"/>.</summary>
    TooLarge,

    /// <summary>The disk is full, or has less free space than the file needs.</summary>
    DiskFull,

    /// <summary>The cache folder can not be read or written.</summary>
    Storage,

    /// <summary>Another process is installing the same model.</summary>
    Locked,

    /// <summary>The file arrived intact but is not a checkpoint that we can import.</summary>
    BadCheckpoint,

    /// <summary>The model has terms that nobody has accepted yet; nothing was asked of any server.</summary>
    LicenceNotAccepted,
}
