using System.Runtime.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.Tests.Magazines;

/// <summary>Magazines become larger when threads wait for one another at the depot, and nothing is lost on the way.</summary>
public sealed class MagazineGrowthTests
{
    [Theory]
    [InlineData(64, 253, 509)]   // 32 KiB of objects
    [InlineData(64, 509, 509)]   // the largest that fits a page
    [InlineData(128, 253, 509)]
    [InlineData(256, 253, 253)]  // 509 would hold 127 KiB
    [InlineData(1024, 13, 29)]
    [InlineData(1024, 61, 61)]
    [InlineData(8192, 3, 5)]
    [InlineData(32768, 1, 1)]
    [InlineData(64, 20, 29)]
    public void TheNextSize_HoldsAtMost64KiB(int objectSize, int rounds, int grown) =>
        Assert.Equal(grown, Magazine.GrownRounds(rounds, objectSize));

    [Fact]
    public void WaitingForTheDepot_MakesMagazinesLarger_AndSmallOnesAreUsedUp()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("contended", 64);
        Depot depot = cache.Magazines.Depots[0];
        int before = cache.Snapshot().MagazineRounds;
        nint[] objects = new nint[before * 6];
        cache.AllocBulk(objects);
        Array.ForEach(objects, cache.Free); // some full magazines of the old size
        Assert.True(cache.Snapshot().FullMagazines >= 3);

        cache.Magazines.Reap();
        Assert.Equal(before, cache.Snapshot().MagazineRounds); // nobody waited
        Contend(depot, times: 3);
        cache.Magazines.Reap();
        int after = cache.Snapshot().MagazineRounds;
        Assert.Equal(Magazine.GrownRounds(before, 64), after);

        // Old magazines are emptied and filled on, among new ones: every object comes out once, and goes home.
        for (int pass = 0; pass < 3; pass++)
        {
            objects = new nint[after * 8];
            for (int i = 0; i < objects.Length; i++)
            {
                objects[i] = cache.Alloc();
            }

            Assert.Equal(objects.Length, objects.Distinct().Count());
            Assert.Equal(objects.Length, cache.Snapshot().LiveObjects);
            Array.ForEach(objects, cache.Free);
            Assert.Equal(0, cache.Snapshot().LiveObjects);
        }

        Assert.False(cache.Shrink());
    }

    [Fact]
    public void AFewWaits_OrRoundsOfTheUsersOwn_ChangeNothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("quiet", 64), chosen = runtime.CreateCache("chosen", 64, new SlabCacheOptions { MagazineRounds = 29 });
        cache.Free(cache.Alloc());
        chosen.Free(chosen.Alloc());
        int before = cache.Snapshot().MagazineRounds;
        Contend(cache.Magazines.Depots[0], times: 2); // as many as libumem lets pass
        Contend(chosen.Magazines.Depots[0], times: 10);
        cache.Magazines.Reap();
        chosen.Magazines.Reap();
        Assert.Equal(before, cache.Snapshot().MagazineRounds);
        Assert.Equal(29, chosen.Snapshot().MagazineRounds);
    }

    [Fact]
    public void TheDepotKeepsItsBytes_WhateverTheSizeOfItsMagazines()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        const int Kept = 1 << 20;
        KmemCache cache = runtime.CreateCache("bounded", 64, new SlabCacheOptions { DepotBytes = Kept });
        nint[] objects = new nint[4 * Kept / 64];
        for (int pass = 0; pass < 2; pass++)
        {
            cache.AllocBulk(objects);
            cache.FreeBulk(objects);
            Assert.InRange(cache.Magazines.Depots[0].FullObjects, Kept / 64 / 2, Kept / 64);
            Contend(cache.Magazines.Depots[0], times: 3);
            cache.Magazines.Reap();
        }
    }

    /// <summary>Has another thread wait for the depot's lock, so often.</summary>
    private static void Contend(Depot depot, int times)
    {
        for (int i = 0; i < times; i++)
        {
            long before = depot.Contentions;
            Thread waiter;
            using (LockOf(depot).Hold())
            {
                waiter = new Thread(() => ReturnAny(depot));
                waiter.Start();
                Assert.True(SpinWait.SpinUntil(() => depot.IsAwaited, TimeSpan.FromSeconds(60)), "the other thread does not wait");
            }

            waiter.Join();
            Assert.Equal(before + 1, depot.Contentions);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_lock")]
    private static extern ref UninterruptibleLock LockOf(Depot depot);

    private static unsafe void ReturnAny(Depot depot) => depot.ReturnEmpty(depot.TryGetEmpty());
}
