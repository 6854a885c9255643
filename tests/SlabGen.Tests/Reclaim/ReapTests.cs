using SlabGen.Magazines;
using SlabGen.Metadata;

namespace SlabGen.Tests.Reclaim;

/// <summary>What lies idle goes back by itself, and what is at work stays.</summary>
public sealed class ReapTests
{
    [Fact]
    public void EightIdleThreads_GiveEverythingBack_WithoutACall()
    {
        var interval = TimeSpan.FromMilliseconds(300);
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 256 << 20, ReapInterval = interval });
        KmemCache cache = runtime.CreateCache("o", 64);
        using var freed = new CountdownEvent(8);
        using var end = new ManualResetEventSlim();
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            nint[] objects = new nint[100_000];
            cache.AllocBulk(objects);
            foreach (nint address in objects)
            {
                cache.Free(address);
            }

            freed.Signal();
            end.Wait();
        }))];
        Array.ForEach(threads, t => t.Start());
        freed.Wait(TestContext.Current.CancellationToken);
        long peak = runtime.PeakCommittedBytes;
        Assert.True(peak > 100_000 * 64);

        // Two intervals, on a machine that has time for it.
        Assert.True(SpinWait.SpinUntil(() => runtime.CommittedBytes <= peak / 100, 60_000), $"{runtime.CommittedBytes} of {peak} bytes are left: {cache.Snapshot()}");
        end.Set();
        Array.ForEach(threads, t => t.Join());
    }

    [Fact]
    public void AThreadAtWork_KeepsWhatItUses()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        cache.Magazines.Reap(); // the first one only looks
        for (int round = 0; round < 3; round++)
        {
            nint[] objects = new nint[1000];
            cache.AllocBulk(objects);
            cache.FreeBulk(objects);
            Assert.Null(cache.Magazines.Reap());
            Assert.True(cache.Snapshot().CachedObjects > 0);
        }

        cache.Magazines.Reap();
        Assert.Equal(0, cache.Snapshot().CachedObjects);
        cache.Magazines.Reap();
        Assert.Equal(0, cache.Snapshot().Slabs);
        cache.Free(cache.Alloc());
    }

    [Fact]
    public unsafe void WorkingSet_IsWhatAnIntervalNeeded()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        var depot = new Depot(new MetadataPools(runtime.Pages), rounds: 3, maxObjects: 300, reuseDistance: 12);
        var shelf = new Shelf();
        for (int i = 0; i < 10; i++)
        {
            Magazine* full = depot.TryGetEmpty();
            full->Count = 3;
            Assert.True(depot.TryTradeForEmpty(shelf, full, out _)); // the empty one stays out
        }

        Assert.Equal(0, depot.EndInterval(out _)); // the interval began with none
        Magazine* taken = depot.TradeForFull(shelf, null, atOnce: false);
        Magazine* another = depot.TradeForFull(shelf, null, atOnce: false);
        depot.TryTradeForEmpty(shelf, taken, out _);
        depot.TryTradeForEmpty(shelf, another, out _);
        Assert.Equal(10 - 2 - 4, depot.EndInterval(out _)); // two were needed, and four wait for their distance
        Assert.Equal(10, depot.EndInterval(out _)); // nobody came
        for (int i = 0; i < 10; i++)
        {
            depot.ReturnEmpty(depot.TakeAnyFull());
        }

        Assert.Equal(0, depot.EndInterval(out _));
        int empties = depot.EmptyCount;
        Assert.True(empties > 2);
        Assert.Equal(0, depot.EndInterval(out _)); // no empty one was needed in this interval
        Assert.Equal(0, depot.EmptyCount);
        depot.FreeEmpties();
    }

    [Fact]
    public void DropCaches_AsksShrinkersAgainAndAgain_AndGivesBackWhatTheyFree()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("o", 1000);
        var shrinker = new Holder(cache, 1000);
        runtime.Shrinkers.Register(shrinker);
        long given = runtime.DropCaches();
        Assert.Equal(0, shrinker.Count);
        Assert.Equal(0, cache.Snapshot().Slabs);
        Assert.True(given >= 1000 * 1000, $"{given} bytes");
    }

    private sealed class Holder : Shrinker
    {
        private readonly KmemCache _cache;
        private readonly Stack<nint> _objects = new();

        public Holder(KmemCache cache, int count)
            : base("holder")
        {
            _cache = cache;
            for (int i = 0; i < count; i++)
            {
                _objects.Push(cache.Alloc());
            }
        }

        public int Count => _objects.Count;

        protected internal override long CountObjects(in ShrinkControl control) => Count;

        protected internal override long ScanObjects(ref ShrinkControl control)
        {
            long freed = 0;
            for (; freed < control.ToScan && _objects.TryPop(out nint address); freed++)
            {
                _cache.Free(address);
            }

            return freed;
        }
    }

    [Fact]
    public void AnIntervalOutOfRange_IsRefused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SlabRuntime(new SlabRuntimeOptions { ReapInterval = TimeSpan.FromMilliseconds(9) }));
        Assert.Contains("10 ms", error.Message, StringComparison.Ordinal);
    }
}
