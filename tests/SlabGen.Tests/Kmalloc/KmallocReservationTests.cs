using System.Runtime.InteropServices;

namespace SlabGen.Tests;

/// <summary>Blocks that were set aside can be taken when memory has run out, and without a word to the system.</summary>
public sealed class KmallocReservationTests
{
    [Theory]
    [InlineData(24)]
    [InlineData(20_000)]
    public void What_is_set_aside_cannot_fail(int size)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        Kmalloc kmalloc = runtime.Kmalloc;
        using KmallocReservation reserved = kmalloc.Reserve((nuint)size, 5);
        Assert.Equal(((nuint)size, 5), (reserved.Size, reserved.Remaining));
        List<nint> live = [];
        while (kmalloc.TryAlloc((nuint)size, out nint address))
        {
            live.Add(address);
        }

        long committed = runtime.CommittedBytes;
        runtime.Pages.Reclaimer = null; // whoever asked for reclaim now would fail
        for (int i = 0; i < 4; i++)
        {
            nint block = reserved.Alloc();
            Assert.True(kmalloc.UsableSize(block) >= (nuint)size);
            live.Add(block);
        }

        Assert.Equal((1, committed), (reserved.Remaining, runtime.CommittedBytes));
        Assert.Equal(live.Count, live.Distinct().Count());
        reserved.Dispose();
        reserved.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reserved.Alloc());
        kmalloc.FreeBulk(CollectionsMarshal.AsSpan(live));
        Assert.Equal((0, 0), (kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
    }

    [Fact]
    public void When_all_were_taken_it_says_so()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using KmallocReservation one = runtime.Kmalloc.Reserve(100, 1);
        nint block = one.Alloc();
        Assert.False(one.TryAlloc(out nint none));
        Assert.Equal(0, none);
        Assert.Contains("1 blocks of 100 bytes", Assert.Throws<InvalidOperationException>(() => one.Alloc()).Message, StringComparison.Ordinal);
        runtime.Kmalloc.Free(block);
        using KmallocReservation empty = runtime.Kmalloc.Reserve(100, 0), nothing = runtime.Kmalloc.Reserve(0, 2);
        Assert.False(empty.TryAlloc(out _));
        Assert.Equal(Kmalloc.ZeroSizePointer, nothing.Alloc());
    }

    [Fact]
    public void Too_many_are_refused_before_anything_is_made()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Kmalloc.Reserve(100, -1));
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (nuint size in new nuint[] { 0, 1, 100, 20_000, nuint.MaxValue })
        {
            string message = Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Reserve(size, int.MaxValue)).Message;
            Assert.Contains($"{int.MaxValue} blocks of {size} bytes", message, StringComparison.Ordinal);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Reserve(20_000, 52)); // nearly
        Assert.Equal((0, 0), (runtime.Kmalloc.Snapshot().LiveBlocks, runtime.Pages.CountUserBytes()));
        Kmalloc gone = runtime.CreateKmalloc("gone");
        gone.Destroy();
        Assert.Throws<ObjectDisposedException>(() => gone.Reserve(100, 1));
        Assert.Throws<ObjectDisposedException>(() => gone.Reserve(100, int.MaxValue));
    }
}
