using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Clss.Testing.SyntheticDomains;

/// <summary>
/// Unit vectors of 32 dimensions that resemble embeddings of protein domains, with their classification: the data of the index benchmark.
/// </summary>
/// <remarks>
/// Every number is a pure function of (seed, id): hashes of 64 bits, then double precision + - * / and square root in the written order, then one
/// rounding to float. The bytes are the same on every machine, and the first n vectors of a larger set are the set of size n.
/// </remarks>
internal sealed class SyntheticData
{
    public const int Dimension = LatentSpace.Dimension;

    public const ulong DefaultSeed = 20240607;

    /// <summary>Queries of all kinds; see <see cref="SyntheticKind.Query"/>.</summary>
    public const int Queries = 10_000;

    /// <summary>The first queries, sequences of held-out domains.</summary>
    public const int SequenceQueries = 5_000;

    private const int SegmentQueriesEnd = 9_000;
    private const ulong HeldOut = 1UL << 40;
    private const ulong SegmentDomains = 50_000;
    private const ulong FirstUniformQuery = 1_000_000_000;

    // Vectors that a thread makes before it asks for more.
    private const int ChunkRows = 4096;

    // Rows held in memory while a file is written: 32 MiB.
    private const int BufferRows = 1 << 18;

    private readonly ulong _seed;
    private readonly DomainHierarchy _hierarchy;
    private readonly LatentSpace _space;

    // Each holds the F-groups it has met, 4.3 KiB each.
    private readonly ConcurrentBag<DomainVectors> _idle = [];

    public SyntheticData(ulong seed = DefaultSeed)
    {
        _seed = seed;
        _hierarchy = new DomainHierarchy(seed);
        _space = new LatentSpace(seed);
    }

    /// <summary>The classification of a row of the base.</summary>
    public DomainLabel LabelOfRow(long row) => _hierarchy.Classify((ulong)row / 2);

    /// <summary>The classification of a query's domain; null for the queries that have none.</summary>
    public DomainLabel? LabelOfQuery(int query) => query < SegmentQueriesEnd ? _hierarchy.Classify(DomainOfQuery(query)) : null;

    /// <summary>The first vectors of a kind [count, 32].</summary>
    public float[] Vectors(SyntheticKind kind, int count)
    {
        var vectors = new float[count * Dimension];
        Fill(kind, 0, vectors);
        return vectors;
    }

    /// <summary>Makes the vectors from <paramref name="first"/> on [n, 32], on all cores.</summary>
    public void Fill(SyntheticKind kind, long first, Memory<float> destination)
    {
        int rows = destination.Length / Dimension;
        Parallel.For(0, (rows + ChunkRows - 1) / ChunkRows, chunk =>
        {
            int start = chunk * ChunkRows;
            Span<float> part = destination.Span[(start * Dimension)..(Math.Min(rows, start + ChunkRows) * Dimension)];
            DomainVectors vectors = _idle.TryTake(out DomainVectors? idle) ? idle : new DomainVectors(_seed, _hierarchy, _space);
            for (int offset = 0; offset < part.Length; offset += Dimension)
            {
                Write(vectors, kind, (ulong)(first + start + (offset / Dimension)), part.Slice(offset, Dimension));
            }

            _idle.Add(vectors);
        });
    }

    /// <summary>Writes the first vectors of a kind as little-endian float32 without a header.</summary>
    public void WriteFile(string path, SyntheticKind kind, long count)
    {
        using FileStream file = File.Create(path);
        var buffer = new float[Math.Min(count, BufferRows) * Dimension];
        for (long first = 0; first < count; first += BufferRows)
        {
            Memory<float> part = buffer.AsMemory(0, (int)Math.Min(BufferRows, count - first) * Dimension);
            Fill(kind, first, part);
            file.Write(MemoryMarshal.AsBytes(part.Span));
        }
    }

    private void Write(DomainVectors vectors, SyntheticKind kind, ulong id, Span<float> destination)
    {
        switch (kind)
        {
            case SyntheticKind.Base:
                vectors.Write(id / 2, (int)(id & 1), 1.0, destination);
                break;
            case SyntheticKind.Query:
                WriteQuery(vectors, (int)id, destination);
                break;
            case SyntheticKind.UniformBase:
                vectors.WriteUniform(DrawKind.UniformBase, id, destination);
                break;
            default:
                vectors.WriteUniform(DrawKind.UniformQuery, id, destination);
                break;
        }
    }

    private void WriteQuery(DomainVectors vectors, int query, Span<float> destination)
    {
        if (query < SequenceQueries)
        {
            vectors.Write(DomainOfQuery(query), 0, 1.0, destination);
        }
        else if (query < SegmentQueriesEnd)
        {
            double noise = 1.5 + (3.0 * new DrawStream(_seed, DrawKind.SegmentNoise, (ulong)query).Uniform(0));
            vectors.Write(DomainOfQuery(query), 2, noise, destination);
        }
        else
        {
            vectors.WriteUniform(DrawKind.UniformQuery, FirstUniformQuery + (ulong)query, destination);
        }
    }

    private ulong DomainOfQuery(int query)
    {
        bool isHeldOut = query < SequenceQueries || (query & 1) != 0;
        return isHeldOut ? HeldOut + (ulong)query : new DrawStream(_seed, DrawKind.SegmentDomain, (ulong)query).Bits(0) % SegmentDomains;
    }
}
