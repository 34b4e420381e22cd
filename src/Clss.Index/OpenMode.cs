namespace Clss.Index;

/// <summary>How a collection is opened.</summary>
public enum OpenMode
{
    /// <summary>The last commit, as it stays while it is open. Any number of readers.</summary>
    ReadOnly,

    /// <summary>Reading and writing. One writer per collection, guarded by a lock of the operating system.</summary>
    ReadWrite,
}
