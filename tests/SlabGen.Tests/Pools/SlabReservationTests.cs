namespace SlabGen.Tests.Pools;

/// <summary>Reserved objects can be taken when memory has run out; the rest goes back.</summary>
public sealed class SlabReservationTests
{
    [Fact]
    public void Reserved_CannotFail()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache<long>("o");
        var reserved = new SlabReservation<long>(cache, 5);
        var live = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            live.Add(address);
        }

        var taken = new List<nint>();
        for (int i = 0; i < 4; i++)
        {
            taken.Add(reserved.Alloc().Address);
        }

        Assert.Equal(1, reserved.Remaining);
        reserved.Dispose();
        reserved.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reserved.Alloc());
        Assert.Equal(live.Count + 4, live.Concat(taken).Distinct().Count());
        Assert.Equal(live.Count + 4, cache.Snapshot().LiveObjects);
        cache.FreeBulk([.. live, .. taken]);
    }

    [Fact]
    public void BadArguments()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache<long>("o");
        Assert.Throws<ArgumentNullException>(() => new SlabReservation<long>(null!, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlabReservation<long>(cache, -1));
        Assert.Throws<ArgumentException>(() => new SlabReservation<decimal>(cache, 1));
        Assert.Throws<OutOfMemoryException>(() => new SlabReservation<long>(cache, 1_000_000));
        using var none = new SlabReservation<long>(cache, 0);
        Assert.Contains("'o'", Assert.Throws<InvalidOperationException>(() => none.Alloc()).Message, StringComparison.Ordinal);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void MoreThanTheLimit_IsRefused_BeforeAnArrayIsMade()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8);
        KmemCache cache = runtime.CreateCache<long>("o");
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("'o'", Assert.Throws<OutOfMemoryException>(() => new SlabReservation<long>(cache, int.MaxValue)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }
}
