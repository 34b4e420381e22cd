namespace Clss.Index.Hnsw;

/// <summary>The working memory of one walk at a time; grows to what is asked of it and is then reused without allocating.</summary>
internal sealed unsafe class HnswScratch : IDisposable
{
    // A step of a walk meets at most the links of two nodes; kernels read and write up to three past the end.
    private const int StepRoom = (4 * HnswParameters.MaximumM) + 16;

    private readonly NativeArray<ulong> _pool = new();
    private readonly NativeArray<ulong> _accepted = new();
    private readonly NativeArray<int> _step = new(5 * StepRoom);

    public HnswScratch(int vectorStride)
    {
        Query = new CodedQuery(vectorStride);
    }

    public CodedQuery Query { get; }

    public VisitedSet Visited { get; } = new();

    /// <summary>The pool of the walk that ran last.</summary>
    public CandidatePool Pool;

    /// <summary>The accepted rows of the filtered walk that ran last.</summary>
    public CandidatePool Accepted;

    /// <summary>Nodes of a step that were met for the first time.</summary>
    public int* Nodes => _step.Pointer;

    /// <summary>The rows of those nodes.</summary>
    public int* Rows => _step.Pointer + StepRoom;

    /// <summary>Their products with the query.</summary>
    public int* Products => _step.Pointer + (2 * StepRoom);

    /// <summary>Room for the candidates of a step.</summary>
    public ulong* Keys => (ulong*)(_step.Pointer + (3 * StepRoom));

    public void BeginPool(int capacity) => Pool = new CandidatePool(Room(_pool, capacity), capacity);

    public void BeginAccepted(int capacity) => Accepted = new CandidatePool(Room(_accepted, capacity), capacity);

    public void Dispose()
    {
        Query.Dispose();
        Visited.Dispose();
        _pool.Dispose();
        _accepted.Dispose();
        _step.Dispose();
    }

    private static ulong* Room(NativeArray<ulong> memory, int capacity)
    {
        if (capacity > memory.Length)
        {
            memory.Resize(capacity);
        }

        return memory.Pointer;
    }
}
