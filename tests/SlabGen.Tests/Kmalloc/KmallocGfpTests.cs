using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests;

/// <summary>Of a block, too, what an allocation may do is done for it, and nothing else.</summary>
public sealed class KmallocGfpTests
{
    [Theory]
    [InlineData(100, GfpFlags.Atomic, 0)]
    [InlineData(100, GfpFlags.Kernel | GfpFlags.NoRetry, 1)]
    [InlineData(100, GfpFlags.Kernel, 16)]
    [InlineData(20_000, GfpFlags.Atomic, 0)]
    [InlineData(20_000, GfpFlags.NoWait, 0)]
    [InlineData(20_000, GfpFlags.None, 0)]
    [InlineData(20_000, GfpFlags.Kernel | GfpFlags.NoRetry, 1)]
    [InlineData(20_000, GfpFlags.Kernel, 16)]
    public void Reclaim_is_asked_for_as_often_as_the_flags_say(int size, GfpFlags gfp, int rounds)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        Kmalloc kmalloc = runtime.Kmalloc;
        List<nint> live = Fill(kmalloc, (nuint)size);
        IReclaimer real = runtime.Pages.Reclaimer!;
        var counter = new CountingReclaimer();
        runtime.Pages.Reclaimer = counter;
        Assert.False(kmalloc.TryAlloc((nuint)size, gfp, out nint address));
        Assert.Equal((0, rounds), (address, counter.Direct));
        Assert.Throws<OutOfMemoryException>(() => kmalloc.Alloc((nuint)size, gfp));
        Assert.Throws<OutOfMemoryException>(() => kmalloc.AllocBulk((nuint)size, new nint[2], gfp));
        nint[] cleared = [1, 2];
        Assert.False(kmalloc.TryAllocBulk((nuint)size, cleared, gfp));
        Assert.Equal([0, 0], cleared);
        Assert.Equal(rounds * 4, counter.Direct);
        runtime.Pages.Reclaimer = real;
        kmalloc.FreeBulk(CollectionsMarshal.AsSpan(live));
    }

    [Fact]
    public void Who_may_not_wait_is_told_so()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        List<nint> live = Fill(runtime.Kmalloc, 20_000);
        string message = Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(20_000, GfpFlags.NoWait)).Message;
        Assert.Contains("may not wait", message, StringComparison.Ordinal);
        Assert.DoesNotContain("may not wait", Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(20_000, GfpFlags.Kernel)).Message, StringComparison.Ordinal);
        runtime.Kmalloc.FreeBulk(CollectionsMarshal.AsSpan(live));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(24)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(5 << 20)]
    public unsafe void Zero_clears(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        nint dirty = runtime.Kmalloc.Alloc((nuint)size, GfpFlags.Kernel);
        new Span<byte>((void*)dirty, size).Fill(0xff);
        runtime.Kmalloc.Free(dirty);
        nint clean = runtime.Kmalloc.Alloc((nuint)size, GfpFlags.Kernel | GfpFlags.Zero);
        Assert.Equal(-1, new Span<byte>((void*)clean, size).IndexOfAnyExcept((byte)0));
        runtime.Kmalloc.Free(clean);
        Span<nint> two = stackalloc nint[2];
        runtime.Kmalloc.AllocBulk((nuint)size, two, GfpFlags.Kernel | GfpFlags.Zero);
        foreach (nint block in two)
        {
            Assert.Equal(-1, new Span<byte>((void*)block, size).IndexOfAnyExcept((byte)0));
            runtime.Kmalloc.Free(block);
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(20_000)]
    public void NoFail_waits_for_a_free_but_not_for_more_than_there_can_be(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        List<nint> live = Fill(runtime.Kmalloc, (nuint)size);
        var threads = new TestThreads();
        nint late = 0;
        Thread waiter = threads.Start(() => late = runtime.Kmalloc.Alloc((nuint)size, GfpFlags.Kernel | GfpFlags.NoFail));
        threads.WaitUntil(() => (waiter.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits");
        runtime.Kmalloc.Free(live[0]);
        live.RemoveAt(0);
        threads.Join();
        Assert.DoesNotContain(late, live);
        runtime.Kmalloc.Free(late);
        runtime.Kmalloc.FreeBulk(CollectionsMarshal.AsSpan(live));
        Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(2 << 20, GfpFlags.Kernel | GfpFlags.NoFail));
        Kmalloc mine = runtime.CreateKmalloc("mine", new SlabAccount("small", Page.Size));
        Assert.Contains("'small'", Assert.Throws<OutOfMemoryException>(() => mine.Alloc(20_000, GfpFlags.Kernel | GfpFlags.NoFail)).Message, StringComparison.Ordinal);
        Assert.True(mine.Destroy().IsClean);
    }

    [Fact]
    public void NoFail_of_an_instance_that_ends_ends_too()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        Kmalloc mine = runtime.CreateKmalloc("mine");
        List<nint> live = Fill(runtime.Kmalloc, 20_000);
        var threads = new TestThreads();
        Exception? error = null;
        Thread waiter = threads.Start(() => error = Record.Exception(() => mine.Alloc(20_000, GfpFlags.Kernel | GfpFlags.NoFail)));
        threads.WaitUntil(() => (waiter.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits");
        mine.Destroy();
        threads.Join();
        Assert.IsType<OutOfMemoryException>(error);
        runtime.Kmalloc.FreeBulk(CollectionsMarshal.AsSpan(live));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(20_000)]
    public void Bad_requests_are_refused_by_name(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        Kmalloc kmalloc = runtime.Kmalloc;
        Assert.Contains("Kmalloc ('kmalloc')", Assert.Throws<ArgumentException>(() => kmalloc.Alloc((nuint)size, GfpFlags.Kernel | GfpFlags.Dma32)).Message, StringComparison.Ordinal);
        Assert.Contains("NoFail", Assert.Throws<ArgumentException>(() => kmalloc.TryAlloc((nuint)size, GfpFlags.Atomic | GfpFlags.NoFail, out _)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => kmalloc.Alloc((nuint)size, GfpFlags.Kernel, node: 99));
        Assert.Equal(0, kmalloc.Snapshot().LiveBlocks);
    }

    [Fact]
    public void On_a_node_a_block_lies_there()
    {
        using SlabRuntime runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 1024L * Page.Size,
            Processors = 1,
            MinFreeBytes = 0,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
            Topology = TwoNodes.Read(),
        });
        foreach (nuint size in new nuint[] { 100, 20_000 })
        {
            for (int node = 0; node < 2; node++)
            {
                nint block = runtime.Kmalloc.Alloc(size, GfpFlags.Kernel | GfpFlags.ThisNode, node);
                Assert.Equal(node, runtime.Pages.PageOf(block).Zone.Node);
                runtime.Kmalloc.Free(block);
            }
        }
    }

    private static List<nint> Fill(Kmalloc kmalloc, nuint size)
    {
        List<nint> live = [];
        while (kmalloc.TryAlloc(size, out nint address))
        {
            live.Add(address);
        }

        Assert.NotEmpty(live);
        return live;
    }

    private sealed class CountingReclaimer : IReclaimer
    {
        public int Direct { get; private set; }

        public bool Reclaim(GfpFlags gfp, long pages)
        {
            Direct++;
            return true;
        }

        public void Wake()
        {
        }
    }
}
