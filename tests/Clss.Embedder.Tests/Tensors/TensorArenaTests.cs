using Clss.Embedder.Tensors;

namespace Clss.Embedder.Tests.Tensors;

public unsafe class TensorArenaTests
{
    [Fact]
    public void Allocate_OutsideAScope_Fails()
    {
        using var arena = new TensorArena();
        Assert.Throws<InvalidOperationException>(() => (nint)arena.Allocate(1));
    }

    [Fact]
    public void Allocate_GivesAlignedSeparateMemory()
    {
        using var arena = new TensorArena();
        using IDisposable scope = arena.BeginScope();
        float* first = arena.Allocate(17);
        float* second = arena.Allocate(1);
        Assert.Equal(0, (nint)first % TensorArena.Alignment);
        Assert.Equal(0, (nint)second % TensorArena.Alignment);
        Assert.True(second - first >= 17);
    }

    [Fact]
    public void Scope_WhenEnded_GivesTheSameMemoryAgain()
    {
        using var arena = new TensorArena();
        using IDisposable outer = arena.BeginScope();
        arena.Allocate(100);
        nint first;
        using (arena.BeginScope())
        {
            first = (nint)arena.Allocate(1000);
        }

        Assert.Equal(first, (nint)arena.Allocate(500));
    }

    [Fact]
    public void Rounds_OfTheSameSize_HoldTheSameMemory()
    {
        using var arena = new TensorArena();
        long[] held = new long[6];
        for (int round = 0; round < held.Length; round++)
        {
            using (arena.BeginScope())
            {
                for (int i = 0; i < 10; i++)
                {
                    arena.Allocate(1_000_000);
                }

                held[round] = arena.HeldBytes;
            }
        }

        Assert.All(held[1..], bytes => Assert.Equal(held[1], bytes));
        Assert.InRange(held[1], 40_000_000, 60_000_000);
    }

    [Fact]
    public void Scope_AfterAGiant_GivesItsMemoryBack()
    {
        using var arena = new TensorArena();
        using (arena.BeginScope())
        {
            arena.Allocate(200_000_000);
            Assert.InRange(arena.HeldBytes, 800_000_000, long.MaxValue);
        }

        Assert.InRange(arena.HeldBytes, 0, 256L << 20);
    }

    [Fact]
    public void Allocate_OfAnAbsurdSize_Fails()
    {
        using var arena = new TensorArena();
        using IDisposable scope = arena.BeginScope();
        Assert.Throws<OverflowException>(() => (nint)arena.Allocate(long.MaxValue / 2));
    }
}
