namespace Clss.Index.Hnsw;

/// <summary>
/// Chooses the links of a node among candidates: algorithm 4 of Malkov &amp; Yashunin, arXiv:1603.09320. A candidate is taken when it is no nearer to one
/// already taken than to the node itself, so that links lead in different directions. Working memory of one thread.
/// </summary>
internal sealed unsafe class LinkSelector : IDisposable
{
    private const int FewCandidates = 40;

    private readonly NativeArray<float> _taken;
    private readonly NativeArray<ulong> _keys = new();

    public LinkSelector(int vectorStride)
    {
        VectorStride = vectorStride;
        _taken = new NativeArray<float>((long)vectorStride * RoundUp(2 * HnswParameters.MaximumM));
    }

    public int VectorStride { get; }

    /// <summary>Candidates added since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Begins a choice among at most this many candidates.</summary>
    public void Begin(int candidates)
    {
        if (candidates > _keys.Length)
        {
            _keys.Resize(candidates);
        }

        Count = 0;
    }

    /// <summary>Adds a candidate: its node in the level at hand and its similarity to the node that gets links.</summary>
    public void Add(int node, float similarity)
    {
        // Similarities are brought into the order of unsigned numbers, highest first; then the node.
        uint bits = BitConverter.SingleToUInt32Bits(similarity);
        uint ascending = (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
        _keys.Pointer[Count++] = ((ulong)~ascending << 32) | (uint)node;
    }

    /// <summary>Candidate by order: nearest first once <see cref="Choose"/> has run.</summary>
    public int Node(int position) => (int)(uint)_keys.Pointer[position];

    /// <summary>Chooses at most <paramref name="limit"/> of the candidates, nearest first; returns their number.</summary>
    /// <param name="vectors">All rows [rows, VectorStride].</param>
    /// <param name="level">Tells the row of a node.</param>
    /// <param name="limit">The most links to choose.</param>
    /// <param name="chosen">Receives the nodes.</param>
    public int Choose(float* vectors, in GraphLevel level, int limit, int* chosen) => ChooseMore(vectors, level, 0, 0, limit, chosen);

    /// <summary>
    /// Keeps the links [kept] that <paramref name="chosen"/> begins with and chooses further ones beside them; where fewer than
    /// <paramref name="wanted"/> links come together so, the nearest of the candidates passed over are taken too.
    /// </summary>
    public int ChooseMore(float* vectors, in GraphLevel level, int kept, int wanted, int limit, int* chosen)
    {
        Sort();
        for (int i = 0; i < kept; i++)
        {
            BuildKernel.Put(vectors + ((long)level.RowOf(chosen[i]) * VectorStride), VectorStride, BlockOf(i), i % BuildKernel.Block);
        }

        int count = kept;
        for (int i = 0; i < Count && count < limit; i++)
        {
            int node = Node(i);
            float* row = vectors + ((long)level.RowOf(node) * VectorStride);
            if (!IsNearerToTaken(row, Similarity(i), count))
            {
                BuildKernel.Put(row, VectorStride, BlockOf(count), count % BuildKernel.Block);
                chosen[count++] = node;
            }
        }

        int selected = count;
        for (int i = 0; i < Count && count < wanted; i++)
        {
            if (!new ReadOnlySpan<int>(chosen + kept, selected - kept).Contains(Node(i)))
            {
                chosen[count++] = Node(i);
            }
        }

        return count;
    }

    public void Dispose()
    {
        _taken.Dispose();
        _keys.Dispose();
    }

    private static int RoundUp(int lanes) => (lanes + BuildKernel.Block - 1) & -BuildKernel.Block;

    private float* BlockOf(int lane) => _taken.Pointer + ((long)(lane / BuildKernel.Block) * BuildKernel.Block * VectorStride);

    private float Similarity(int position)
    {
        uint ascending = ~(uint)(_keys.Pointer[position] >> 32);
        return BitConverter.UInt32BitsToSingle((ascending & 0x80000000) != 0 ? ascending & 0x7FFFFFFF : ~ascending);
    }

    private bool IsNearerToTaken(float* row, float similarity, int count)
    {
        for (int lane = 0; lane < count; lane += BuildKernel.Block)
        {
            uint nearer = BuildKernel.Exceeding(BlockOf(lane), row, VectorStride, similarity);
            int lanes = Math.Min(count - lane, BuildKernel.Block);
            if ((nearer & ((1u << lanes) - 1)) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Candidates come nearly in order or are few, where insertion is the fastest sort.</summary>
    private void Sort()
    {
        ulong* keys = _keys.Pointer;
        if (Count > FewCandidates && !IsNearlySorted())
        {
            new Span<ulong>(keys, Count).Sort();
            return;
        }

        for (int i = 1; i < Count; i++)
        {
            ulong key = keys[i];
            int j = i - 1;
            while (j >= 0 && keys[j] > key)
            {
                keys[j + 1] = keys[j];
                j--;
            }

            keys[j + 1] = key;
        }
    }

    private bool IsNearlySorted()
    {
        ulong* keys = _keys.Pointer;
        int ascents = 0;
        for (int i = 4; i < Count; i++)
        {
            ascents += CandidatePool.Bit(keys[i] >= keys[i - 4]);
        }

        return ascents > Count / 4 * 3;
    }
}
