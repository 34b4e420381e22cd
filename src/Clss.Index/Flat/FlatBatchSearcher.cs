using System.Runtime.InteropServices;
using Clss.Index.Vectors;

namespace Clss.Index.Flat;

/// <summary>
/// Exact search for many queries: every tile of rows is brought into the cache once for all queries of a block. The rows that kernels let through
/// are scored as in a search for one query, so the results are the same.
/// </summary>
internal sealed unsafe class FlatBatchSearcher
{
    // 256 queries of 32 elements are 32 KiB, which leaves room for a tile in the first-level cache.
    private const int BlockQueries = 256;

    // A thread with fewer queries than this spends more on reading rows than on comparing them; then threads share the rows instead.
    private const int QueriesPerThread = 64;

    private readonly SearchPlan _plan;
    private readonly QueryGroups _queries;
    private readonly int _k;

    public FlatBatchSearcher(in SearchPlan plan, QueryGroups queries, int k)
    {
        _plan = plan;
        _queries = queries;
        _k = k;
    }

    /// <summary>Searches; neighbors [queries, k] are sorted, counts [queries].</summary>
    public void Run(int threads, Neighbor* neighbors, int* counts)
    {
        int blocks = (_queries.Queries + BlockQueries - 1) / BlockQueries;
        if (threads > 1 && _queries.Queries < threads * QueriesPerThread)
        {
            RunByRows(threads, neighbors, counts);
        }
        else
        {
            blocks = Math.Max(blocks, threads);
            int groupsPerBlock = (_queries.Groups + blocks - 1) / blocks;
            Cells.Work.ForEach(blocks, threads, block =>
            {
                int firstGroup = Math.Min(block * groupsPerBlock, _queries.Groups);
                int endGroup = Math.Min(firstGroup + groupsPerBlock, _queries.Groups);
                Scan(0, 1, firstGroup, endGroup, neighbors, counts);
            });
        }

        for (int query = 0; query < _queries.Queries; query++)
        {
            Best(neighbors, counts, query).Sort();
        }
    }

    private void RunByRows(int threads, Neighbor* neighbors, int* counts)
    {
        nuint perThread = (nuint)_queries.Queries * (nuint)_k;
        var found = (Neighbor*)NativeMemory.Alloc(perThread * (nuint)threads, (nuint)sizeof(Neighbor));
        var foundCounts = (int*)NativeMemory.AllocZeroed((nuint)(_queries.Queries * threads), sizeof(int));
        try
        {
            Cells.Work.ForEach(threads, threads, part =>
                Scan(part, threads, 0, _queries.Groups, found + (perThread * (nuint)part), foundCounts + (part * _queries.Queries)));
            for (int query = 0; query < _queries.Queries; query++)
            {
                TopK best = Best(neighbors, counts, query);
                for (int part = 0; part < threads; part++)
                {
                    Neighbor* from = found + (perThread * (nuint)part) + ((long)query * _k);
                    for (int i = 0; i < foundCounts[(part * _queries.Queries) + query]; i++)
                    {
                        best.Offer(from[i]);
                    }
                }

                counts[query] = best.Count;
            }
        }
        finally
        {
            NativeMemory.Free(found);
            NativeMemory.Free(foundCounts);
        }
    }

    /// <summary>Scans one of several equal parts of the rows for the queries of some groups.</summary>
    private void Scan(int part, int parts, int firstGroup, int endGroup, Neighbor* neighbors, int* counts)
    {
        nuint tileFloats = (nuint)(VectorLayout.TileRows * _queries.Stride);
        nuint limitFloats = (nuint)(_queries.Groups * QueryGroups.Size);
        nuint roomFloats = _plan.Base.Vectors.NeedsRoom && _plan.Precision == ScanPrecision.Float32 ? tileFloats : 0;
        var tile = (float*)NativeMemory.AlignedAlloc((tileFloats + roomFloats + limitFloats) * sizeof(float), 64);
        try
        {
            var work = new Work { Tile = tile, Room = tile + tileFloats, Limits = tile + tileFloats + roomFloats, Neighbors = neighbors, Counts = counts, FirstGroup = firstGroup, EndGroup = endGroup };
            ScanPart(_plan.Base, part, parts, work);
            ScanPart(_plan.Recent, part, parts, work);
        }
        finally
        {
            NativeMemory.AlignedFree(tile);
        }
    }

    private void ScanPart(in ScanRange range, int part, int parts, in Work work)
    {
        long tiles = range.EndTile - range.FirstTile;
        int first = range.FirstTile + (int)(tiles * part / parts);
        int end = range.FirstTile + (int)(tiles * (part + 1) / parts);
        bool useCodes = _plan.Precision == ScanPrecision.Int8 && range.Codes is not null;
        float bound = useCodes ? 0 : ErrorBound.Float32(range.Stride, range.Vectors.LengthError);
        SetLimits(bound, work);
        ulong* masks = stackalloc ulong[QueryGroups.Size];
        for (int index = first; index < end; index++)
        {
            ulong wanted = range.Wanted(index);
            if (wanted == 0)
            {
                continue;
            }

            if (!useCodes)
            {
                Float32BatchKernel.Transpose(range.Vectors.Rows((long)index * VectorLayout.TileRows, VectorLayout.TileRows, work.Room), range.Stride, work.Tile);
            }

            byte* codes = range.Codes + ((long)index * VectorLayout.TileRows * range.Stride);
            float* scales = range.Scales + ((long)index * (VectorLayout.TileRows / VectorLayout.CodeBlockRows * 2));
            for (int group = work.FirstGroup; group < work.EndGroup; group++)
            {
                float* limits = work.Limits + (group * QueryGroups.Size);
                if (useCodes)
                {
                    Int8BatchKernel.Exceeding(codes, scales, _queries, group, limits, masks);
                }
                else
                {
                    Float32BatchKernel.Exceeding(work.Tile, range.Stride, _queries.Interleaved + ((long)group * range.Stride * QueryGroups.Size), limits, masks);
                }

                if (((masks[0] | masks[1] | masks[2] | masks[3]) & wanted) != 0)
                {
                    ScoreGroup(range, index, wanted, group, masks, bound, work);
                }
            }
        }
    }

    /// <summary>What a row's value must exceed for each query: kept beside the queries and renewed when a query's best rows change.</summary>
    private void SetLimits(float bound, in Work work)
    {
        for (int query = work.FirstGroup * QueryGroups.Size; query < work.EndGroup * QueryGroups.Size; query++)
        {
            work.Limits[query] = query < _queries.Queries ? Best(work.Neighbors, work.Counts, query).Threshold - bound : float.PositiveInfinity;
        }
    }

    private void ScoreGroup(in ScanRange range, int tile, ulong wanted, int group, ulong* masks, float bound, in Work work)
    {
        for (int i = 0; i < QueryGroups.Size; i++)
        {
            ulong rows = masks[i] & wanted;
            if (rows != 0)
            {
                int query = (group * QueryGroups.Size) + i;
                TopK best = Best(work.Neighbors, work.Counts, query);
                FlatSearcher.Score(range, tile, rows, _queries.Rows + ((long)query * _queries.Stride), ref best);
                work.Counts[query] = best.Count;
                work.Limits[query] = best.Threshold - bound;
            }
        }
    }

    /// <summary>The memory of one thread's part of the work.</summary>
    private readonly struct Work
    {
        /// <summary>Room for a transposed tile [stride, 64].</summary>
        public float* Tile { get; init; }

        /// <summary>Room for a tile that has to be decoded [64, stride]; no memory where none has.</summary>
        public float* Room { get; init; }

        /// <summary>The limit of each query [groups * 4].</summary>
        public float* Limits { get; init; }

        public Neighbor* Neighbors { get; init; }

        public int* Counts { get; init; }

        public int FirstGroup { get; init; }

        public int EndGroup { get; init; }
    }

    private TopK Best(Neighbor* neighbors, int* counts, int query) => new(new Span<Neighbor>(neighbors + ((long)query * _k), _k), counts[query]);
}
