using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>What an allocation may do is done for it, and nothing else.</summary>
public sealed class GfpTests
{
    [Theory]
    [InlineData(GfpFlags.Atomic, 0, 1)]
    [InlineData(GfpFlags.NoWait, 0, 1)]
    [InlineData(GfpFlags.None, 0, 0)]
    [InlineData(GfpFlags.Kernel, 16, 1)]
    [InlineData(GfpFlags.Kernel | GfpFlags.NoRetry, 1, 1)]
    public void ReclaimIsAskedFor_AsOftenAsTheFlagsSay(GfpFlags gfp, int rounds, int wakes)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 512);
        List<nint> live = Fill(cache);
        IReclaimer real = runtime.Pages.Reclaimer!;
        var counter = new CountingReclaimer();
        runtime.Pages.Reclaimer = counter;
        Assert.False(cache.TryAlloc(gfp, out nint address));
        Assert.Equal((0, rounds, wakes), (address, counter.Direct, Math.Min(1, counter.Wakes)));
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[2], gfp));
        Assert.Equal(rounds * 2, counter.Direct);
        runtime.Pages.Reclaimer = real;
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void ARequestThatMayNotWait_TakesWhatIsThere_AndSaysWhyItGotNoMore()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        runtime.Background.Dispose(); // a request that fails wakes it, and it would reclaim beside this thread
        KmemCache cache = runtime.CreateCache("o", 512), other = runtime.CreateCache("other", 64);
        other.Free(other.Alloc());
        List<nint> live = [];
        while (cache.TryAlloc(GfpFlags.NoWait, out nint address))
        {
            live.Add(address);
        }

        Assert.True(other.Snapshot().Bytes > 0, "nothing was reclaimed for it");
        var error = Assert.Throws<OutOfMemoryException>(() => cache.Alloc(GfpFlags.NoWait));
        Assert.Contains("'o'", error.Message, StringComparison.Ordinal);
        Assert.Contains("may not wait", error.Message, StringComparison.Ordinal);
        live.Add(cache.Alloc(GfpFlags.Kernel));
        Assert.Equal(0, other.Snapshot().Bytes);
        Assert.Equal(live.Count, live.Distinct().Count());
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void Atomic_DipsIntoTheReserve()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions
        {
            MemoryLimit = 1024L * Page.Size,
            MinFreeBytes = 64L * Page.Size,
            Processors = 1,
            ReapInterval = Timeout.InfiniteTimeSpan,
            Pressure = TestRuntime.NoPressure,
        });
        IReclaimer real = runtime.Pages.Reclaimer!;
        runtime.Pages.Reclaimer = null;
        KmemCache cache = runtime.CreateCache("o", Page.Size);
        List<nint> live = Fill(cache);
        Assert.False(cache.TryAlloc(GfpFlags.NoWait, out _));
        int reserved = 0;
        for (; cache.TryAlloc(GfpFlags.Atomic, out nint address); reserved++)
        {
            live.Add(address);
        }

        Assert.InRange(reserved, 30, 40); // 5/8 of 64 pages, but for those of descriptors
        Assert.Equal(live.Count, live.Distinct().Count());
        runtime.Pages.Reclaimer = real;
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void NoFail_WaitsForAFree_ButNotForMoreThanThereCanBe()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(16);
        KmemCache cache = runtime.CreateCache("o", 512);
        List<nint> live = Fill(cache);
        var threads = new TestThreads();
        nint late = 0;
        Thread waiter = threads.Start(() => late = cache.Alloc(GfpFlags.Kernel | GfpFlags.NoFail));
        threads.WaitUntil(() => (waiter.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits");
        cache.Free(live[0]);
        live.RemoveAt(0);
        threads.Join();
        Assert.DoesNotContain(late, live);
        live.Add(late);
        Assert.Equal(live.Count, cache.Snapshot().LiveObjects);
        Assert.Throws<OutOfMemoryException>(() => cache.AllocBulk(new nint[1000], GfpFlags.Kernel | GfpFlags.NoFail));
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public unsafe void Zero_Clears()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 24);
        nint dirty = cache.Alloc();
        new Span<byte>((void*)dirty, 24).Fill(0xff);
        cache.Free(dirty);
        Assert.Equal(dirty, cache.Alloc(GfpFlags.Atomic | GfpFlags.Zero));
        Assert.Equal(-1, new Span<byte>((void*)dirty, 24).IndexOfAnyExcept((byte)0));
        nint[] bulk = new nint[100];
        cache.AllocBulk(bulk);
        foreach (nint address in bulk)
        {
            new Span<byte>((void*)address, 24).Fill(0xff);
        }

        cache.FreeBulk(bulk);
        cache.AllocBulk(bulk, GfpFlags.Kernel | GfpFlags.Zero);
        Assert.All(bulk, address => Assert.Equal(-1, new Span<byte>((void*)address, 24).IndexOfAnyExcept((byte)0)));
        cache.FreeBulk(bulk);
        cache.Free(dirty);
    }

    [Fact]
    public void AConstructor_RunsOnlyForRequestsThatMayWait()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long, Counting>("o");
        Counting.Constructed = 0;
        Assert.False(cache.TryAlloc(GfpFlags.Atomic, out _));
        Assert.False(cache.TryAlloc(GfpFlags.NoWait, out _));
        Assert.Equal(0, Counting.Constructed);
        nint first = cache.Alloc(GfpFlags.Kernel);
        int constructed = Counting.Constructed;
        Assert.True(constructed > 1);
        Assert.True(cache.TryAlloc(GfpFlags.Atomic, out nint second));
        Assert.Equal(constructed, Counting.Constructed);
        Assert.Contains("constructor", Assert.Throws<InvalidOperationException>(() => cache.Alloc(GfpFlags.Kernel | GfpFlags.Zero)).Message, StringComparison.Ordinal);
        cache.Free(first);
        cache.Free(second);
    }

    [Fact]
    public void ObjectsOfANode_LieOnIt_AndWithThisNodeNowhereElse()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads files as Linux has them");
        using SlabRuntime runtime = OfTwoNodes(1024);
        KmemCache cache = runtime.CreateCache("o", 1024);
        var live = new List<nint> { cache.Alloc() }; // a partial slab of the first node
        int NodeOf(nint address) => runtime.Pages.PageOf(address).Zone.Node;
        Assert.Equal(0, NodeOf(live[0]));
        for (int i = 0; i < 10; i++)
        {
            live.Add(cache.Alloc(GfpFlags.Kernel, node: 1));
            Assert.Equal(1, NodeOf(live[^1]));
        }

        while (cache.TryAlloc(GfpFlags.Kernel | GfpFlags.ThisNode, out nint address, node: 1))
        {
            Assert.Equal(1, NodeOf(address));
            live.Add(address);
        }

        Assert.True(live.Count * 1024L > 400L * Page.Size, $"only {live.Count} objects of the node's 512 pages");
        var error = Assert.Throws<OutOfMemoryException>(() => cache.Alloc(GfpFlags.Kernel | GfpFlags.ThisNode, node: 1));
        Assert.Contains("node 1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", error.Message, StringComparison.Ordinal);
        live.Add(cache.Alloc(GfpFlags.Kernel, node: 1)); // preferred only: from the other node
        Assert.Equal(0, NodeOf(live[^1]));
        live.Add(cache.Alloc(GfpFlags.Kernel | GfpFlags.ThisNode)); // of the calling thread
        Assert.Equal(0, NodeOf(live[^1]));

        // One that was freed waits in a magazine, which reclaim empties for it.
        nint far = live.Last(a => NodeOf(a) == 1);
        live.Remove(far);
        cache.Free(far);
        live.Add(cache.Alloc(GfpFlags.Kernel | GfpFlags.ThisNode, node: 1));
        Assert.Equal(1, NodeOf(live[^1]));
        Assert.Equal(live.Count, live.Distinct().Count());
        cache.FreeBulk([.. live]);
    }

    [Fact]
    public void ConstructedObjects_LieOnTheirNodeToo()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads files as Linux has them");
        using SlabRuntime runtime = OfTwoNodes(256);
        KmemCache cache = runtime.CreateCache<long, Counting>("o");
        nint near = cache.Alloc(), far = cache.Alloc(GfpFlags.Kernel, node: 1);
        Assert.Equal(0, runtime.Pages.PageOf(near).Zone.Node);
        Assert.Equal(1, runtime.Pages.PageOf(far).Zone.Node);
        nint bound = cache.Alloc(GfpFlags.Kernel | GfpFlags.ThisNode, node: 1);
        Assert.Equal(1, runtime.Pages.PageOf(bound).Zone.Node);
        cache.FreeBulk([near, far, bound]);
    }

    [Theory]
    [InlineData(GfpFlags.Kernel | GfpFlags.Dma)]
    [InlineData(GfpFlags.Kernel | GfpFlags.Dma32)]
    [InlineData(GfpFlags.HighUser)]
    [InlineData(GfpFlags.Atomic | GfpFlags.NoFail)]
    [InlineData(GfpFlags.Kernel | GfpFlags.NoFail | GfpFlags.NoRetry)]
    [InlineData((GfpFlags)0x40000000)]
    public void Flags_ThatNoObjectCanHave(GfpFlags gfp)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        Assert.Equal("gfp", Assert.Throws<ArgumentException>(() => cache.Alloc(gfp)).ParamName);
        Assert.Throws<ArgumentException>(() => cache.TryAlloc(gfp, out _));
        string message = Assert.Throws<ArgumentException>(() => cache.AllocBulk(new nint[1], gfp)).Message;
        Assert.Equal((gfp & (GfpFlags.Dma | GfpFlags.Dma32 | GfpFlags.HighMem)) != 0, message.Contains("SlabCacheOptions.Zone, here Normal", StringComparison.Ordinal));
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(1)]
    public void Node_OutOfRange(int node)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64L * Page.Size, Topology = NumaTopology.Read("no such directory"), Pressure = TestRuntime.NoPressure });
        KmemCache cache = runtime.CreateCache("o", 64);
        Assert.Equal("node", Assert.Throws<ArgumentOutOfRangeException>(() => cache.Alloc(GfpFlags.Kernel, node)).ParamName);
        cache.Free(cache.Alloc(GfpFlags.Kernel | GfpFlags.ThisNode, node: 0));
    }

    [Fact]
    public void ADestroyedCache_IsAnError()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc(GfpFlags.Kernel));
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => cache.Alloc(GfpFlags.Atomic));
        Assert.Throws<ObjectDisposedException>(() => cache.AllocBulk(new nint[2], GfpFlags.Kernel | GfpFlags.NoFail));
    }

    internal static List<nint> Fill(KmemCache cache)
    {
        var live = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            live.Add(address);
        }

        return live;
    }

    private static SlabRuntime OfTwoNodes(int pages) => new(new SlabRuntimeOptions
    {
        MemoryLimit = (long)pages * Page.Size,
        MinFreeBytes = 0,
        Processors = 1,
        Topology = TwoNodes.Read(),
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    });

    private sealed class CountingReclaimer : IReclaimer
    {
        public int Direct { get; private set; }

        public int Wakes { get; private set; }

        public bool Reclaim(GfpFlags gfp, long pages)
        {
            Direct++;
            return true;
        }

        public void Wake() => Wakes++;
    }

    private sealed class Counting : ISlabLife<long>
    {
        public static int Constructed;

        public static bool Construct(ref long value)
        {
            Constructed++;
            return true;
        }

        public static void Destruct(ref long value)
        {
        }
    }
}
