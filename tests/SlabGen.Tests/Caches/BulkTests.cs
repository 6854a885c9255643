namespace SlabGen.Tests.Caches;

/// <summary>Bulk calls move whole stretches of magazines, and still hand out every object once and look at what they are given.</summary>
public sealed class BulkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(253)]   // a magazine
    [InlineData(1000)]  // several
    public void EveryObject_ComesOnce_AndGoesHome(int count)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("bulk", 64);
        nint[] first = new nint[count], second = new nint[count];
        for (int pass = 0; pass < 20; pass++)
        {
            cache.AllocBulk(first);
            cache.AllocBulk(second);
            Assert.Equal(2 * count, first.Concat(second).Distinct().Count());
            Assert.Equal(2 * count, cache.Snapshot().LiveObjects);
            cache.FreeBulk(first);
            cache.FreeBulk(second);
            Assert.Equal(0, cache.Snapshot().LiveObjects);
        }

        Assert.False(cache.Shrink());
    }

    [Fact]
    public void BulkAndSingleCalls_Mix_AlsoAfterARevocation()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bulk", 64);
        var live = new Stack<nint>();
        var random = new Random(5);
        nint[] some = new nint[40];
        for (int step = 0; step < 5000; step++)
        {
            switch (random.Next(5))
            {
                case 0:
                    cache.AllocBulk(some);
                    Array.ForEach(some, live.Push);
                    break;
                case 1 when live.Count >= some.Length:
                    live.PopRange(some);
                    cache.FreeBulk(some);
                    break;
                case 2:
                    live.Push(cache.Alloc());
                    break;
                case 3 when live.Count > 0:
                    cache.Free(live.Pop());
                    break;
                case 4 when step % 50 == 0:
                    cache.Shrink();
                    break;
            }

            Assert.Equal(live.Count, cache.Snapshot().LiveObjects);
        }

        Assert.Equal(live.Count, live.Distinct().Count());
        cache.FreeBulk([.. live]);
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void AfterDestroy_BothThrow_AlsoOnAThreadWithFullMagazines()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bulk", 64);
        nint[] objects = new nint[64];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        cache.Destroy();
        Assert.Throws<ObjectDisposedException>(() => cache.AllocBulk(objects));
        Assert.Throws<ObjectDisposedException>(() => cache.FreeBulk(objects));
    }

    [Fact]
    public void ANullAmongThem_IsFound_AndNoneIsTaken()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024);
        KmemCache cache = runtime.CreateCache("bulk", 64);
        nint[] objects = new nint[64];
        cache.AllocBulk(objects);
        nint kept = objects[30];
        objects[30] = 0;
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => cache.FreeBulk(objects)).Fault);
        Assert.Equal(64, cache.Snapshot().LiveObjects);
        objects[30] = kept;
        cache.FreeBulk(objects);
    }
}

file static class StackExtensions
{
    public static void PopRange(this Stack<nint> stack, nint[] items)
    {
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = stack.Pop();
        }
    }
}
