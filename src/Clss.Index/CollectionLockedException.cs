namespace Clss.Index;

/// <summary>Another process or object is writing the collection.</summary>
public sealed class CollectionLockedException : ClssIndexException
{
    /// <summary>Creates the exception, naming the holder where it is known.</summary>
    public CollectionLockedException(string directory, string holder, Exception innerException)
        : base($"{directory}: the collection is being written by {holder}. Wait for it to finish, or open the collection read-only.", innerException)
    {
        Holder = holder;
    }

    /// <summary>Who holds the lock.</summary>
    public string Holder { get; }
}
