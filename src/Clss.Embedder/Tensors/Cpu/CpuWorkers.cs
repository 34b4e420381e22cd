using System.Runtime.InteropServices;

namespace Clss.Embedder.Tensors.Cpu;

/// <summary>
/// Shares out numbered pieces of work among threads of the pool, whoever is free taking the next. Each worker has scratch memory of its own.
/// What a piece computes may not depend on who does it or when.
/// </summary>
internal sealed unsafe class CpuWorkers : IDisposable
{
    private readonly ParallelOptions _options;
    private readonly nint[] _scratch;
    private readonly long[] _scratchFloats;

    public CpuWorkers(int threads)
    {
        Count = threads;
        _options = new ParallelOptions { MaxDegreeOfParallelism = threads };
        _scratch = new nint[threads];
        _scratchFloats = new long[threads];
    }

    public int Count { get; }

    /// <summary>Does the pieces 0 to <paramref name="pieces"/> - 1, each with <paramref name="scratchFloats"/> of memory.</summary>
    public void Run(int pieces, long scratchFloats, Piece work)
    {
        int workers = Math.Min(Count, pieces);
        for (int worker = 0; worker < workers; worker++)
        {
            Reserve(worker, scratchFloats);
        }

        if (workers <= 1)
        {
            for (int piece = 0; piece < pieces; piece++)
            {
                work(piece, (float*)_scratch[0]);
            }

            return;
        }

        int next = -1;
        Parallel.For(0, workers, _options, worker =>
        {
            float* scratch = (float*)_scratch[worker];
            for (int piece = Interlocked.Increment(ref next); piece < pieces; piece = Interlocked.Increment(ref next))
            {
                work(piece, scratch);
            }
        });
    }

    public void Dispose()
    {
        for (int worker = 0; worker < Count; worker++)
        {
            NativeMemory.AlignedFree((void*)_scratch[worker]);
            _scratch[worker] = 0;
            _scratchFloats[worker] = 0;
        }
    }

    private void Reserve(int worker, long floats)
    {
        if (floats > _scratchFloats[worker])
        {
            NativeMemory.AlignedFree((void*)_scratch[worker]);
            _scratch[worker] = 0;
            _scratchFloats[worker] = 0;
            _scratch[worker] = (nint)NativeMemory.AlignedAlloc((nuint)(floats * sizeof(float)), TensorArena.Alignment);
            _scratchFloats[worker] = floats;
        }
    }

    /// <summary>One piece of work.</summary>
    internal delegate void Piece(int piece, float* scratch);
}
