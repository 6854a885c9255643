using SlabGen.Events;
using SlabGen.Reclaim;

namespace SlabGen.Tests.Diagnostics;

/// <summary>What the event source tells, in order, where no lock is held.</summary>
[Collection("Alone")] // while one listens, the events of all runtimes are noted
public sealed class EventSourceTests
{
    [Fact]
    public void Slabs_that_are_made_and_given_up_are_told_with_their_addresses()
    {
        using SlabRuntime runtime = Named("events-slabs");
        KmemCache cache = Ready(runtime);
        using var ear = new Listening.Ear("events-slabs");
        nint address = cache.Alloc();
        nint slab = address & -(nint)cache.Snapshot().SlabBytes;
        Assert.Equal([$"SlabMade o {slab} {cache.Snapshot().SlabBytes}"], ear.Heard);
        cache.Free(address);
        cache.Shrink();
        Assert.Equal($"SlabDiscarded o {slab} {cache.Snapshot().SlabBytes}", ear.Heard[1]);
        Assert.Equal(2, ear.Heard.Length);
    }

    [Fact]
    public void A_limit_and_the_end_of_memory_are_told()
    {
        using SlabRuntime runtime = Named("events-limits");
        KmemCache bounded = runtime.CreateCache("bounded", 64, new SlabCacheOptions { MaxObjects = 1 }), large = runtime.CreateCache("large", 4096);
        nint one = bounded.Alloc();
        using var ear = new Listening.Ear("events-limits");
        Assert.False(bounded.TryAlloc(out _));
        Assert.Equal("LimitReached bounded cache 1", ear.Heard[^1]);
        Assert.False(large.TryAllocBulk(new nint[63]));
        Assert.Contains("OutOfMemory large 63", ear.Heard);
        Assert.Contains(ear.Heard, heard => heard.StartsWith("MemoryReclaimed direct ", StringComparison.Ordinal));
        bounded.Free(one);
    }

    [Fact]
    public void Misuse_is_told()
    {
        using SlabRuntime runtime = Named("events-misuse");
        KmemCache cache = runtime.CreateCache("misused", 64, new SlabCacheOptions { NoMagazines = true });
        nint address = cache.Alloc();
        cache.Free(address);
        using var ear = new Listening.Ear("misused"); // the first payload
        Assert.Throws<SlabException>(() => cache.Free(address));
        Assert.Equal([$"MisuseFound DoubleFree {address}"], ear.Heard);
    }

    [Fact]
    public void Intervals_and_pressure_are_told()
    {
        using SlabRuntime runtime = Named("events-reclaim");
        KmemCache cache = Ready(runtime);
        using var ear = new Listening.Ear("events-reclaim");
        runtime.Reclaim.Reap();
        runtime.Reclaim.Relieve(ShrinkerRegistry.DefaultPriority);
        Assert.Equal(["Reaped 0", "PressureRelieved 0"], ear.Heard.Where(heard => !heard.StartsWith("Slab", StringComparison.Ordinal)));
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void A_listener_may_use_the_caches_whose_events_it_hears()
    {
        using SlabRuntime runtime = Named("events-foreign");
        KmemCache cache = Ready(runtime);
        int heard = 0;
        using (new Listening.Ear("events-foreign", () =>
        {
            heard++;
            runtime.Shrink(); // takes every lock of the runtime
            cache.Free(cache.Alloc());
        }))
        {
            cache.Free(cache.Alloc());
            cache.Shrink();
        }

        Assert.True(heard > 0);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void A_listener_that_throws_harms_nobody()
    {
        using SlabRuntime runtime = Named("events-throw");
        KmemCache cache = Ready(runtime);
        int heard = 0;
        using (new Listening.Ear("events-throw", () =>
        {
            heard++;
            throw new InvalidOperationException("the listener's");
        }))
        {
            cache.Free(cache.Alloc());
            cache.Shrink();
        }

        Assert.Equal(2, heard);
    }

    [Fact]
    public void Nothing_is_noted_while_nobody_listens()
    {
        using SlabRuntime runtime = Named("events-off");
        KmemCache cache = Ready(runtime);
        Assert.False(SlabEvents.IsOn);
        cache.Free(cache.Alloc());
        cache.Shrink();
        Assert.False(SlabEvents.Waits);
        using var ear = new Listening.Ear("events-off");
        cache.Free(cache.Alloc());
        Assert.Single(ear.Heard);
    }

    [Fact]
    public void What_cannot_wait_is_counted()
    {
        using SlabRuntime runtime = Named("events-lost");
        Ready(runtime); // the source is there
        using var ear = new Listening.Ear("");
        for (int i = 0; i < SlabEvents.Capacity + 5; i++)
        {
            SlabEvents.Note(new SlabEvent(SlabEventKind.Reaped, "", "", i));
        }

        SlabEvents.Tell();
        Assert.Equal(SlabEvents.Capacity, ear.Heard.Length);
        Assert.Equal("Reaped 0", ear.Heard[0]);
        SlabEvents.Note(new SlabEvent(SlabEventKind.Reaped, "", "", -1));
        SlabEvents.Tell();
        Assert.Equal("Reaped -1", ear.Heard[^1]);
        Assert.False(SlabEvents.Waits);
    }

    private static SlabRuntime Named(string name) => new(new SlabRuntimeOptions
    {
        Name = name,
        MemoryLimit = 64 * PageAllocator.PageSize,
        MinFreeBytes = 0,
        Processors = 1,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
    });

    /// <summary>A cache without a slab, of a runtime that has held memory.</summary>
    private static KmemCache Ready(SlabRuntime runtime)
    {
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        cache.Shrink();
        return cache;
    }
}
