using SlabGen.Memory;

namespace SlabGen.Tests.Guards;

/// <summary>
/// Proves what the other parts of a cache make of its guarded objects: limits, the leak report, its end and its reset, deferred frees,
/// handles, blocks of any size, objects that move, and the interval.
/// </summary>
[Collection(Guarded.Collection)]
public sealed class GuardedLifeTests
{
    [Fact]
    public void A_guarded_object_counts_under_the_limit()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("limited", 64, new SlabCacheOptions { MaxObjects = 3, NoMagazines = true });
        nint[] objects = [cache.Alloc(), cache.Alloc(), cache.Alloc()];
        Assert.All(objects, address => Assert.True(Guarded.IsGuarded(runtime, address)));
        Assert.False(cache.TryAlloc(out _));
        cache.Free(objects[0]);
        Assert.True(cache.TryAlloc(out objects[0]));
        cache.FreeBulk(objects);
        runtime.Close();
    }

    [Fact]
    public void A_guarded_object_that_was_not_freed_is_a_leak()
    {
        SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("leaks", 64, new SlabCacheOptions());
        nint address = cache.Alloc();
        LeakReport leak = cache.Destroy();
        Assert.Equal(1, leak.LiveObjects);
        Assert.Equal([address], leak.Addresses);
        Assert.Throws<ObjectDisposedException>(() => cache.Free(address));
        Assert.Contains("'leaks' still has 1 object(s)", Assert.Throws<InvalidOperationException>(runtime.Close).Message, StringComparison.Ordinal);
        cache.Slabs.Abandon(); // as when the code is gone that knew it: for the tests after this one
    }

    [Fact]
    public unsafe void A_reset_frees_guarded_objects()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("reset", 64, new SlabCacheOptions());
        nint guarded = cache.Alloc();
        Assert.True(Guarded.IsGuarded(runtime, guarded));
        nint[] others = new nint[10];
        cache.AllocBulk(others);
        Assert.Equal(11, cache.Reset());
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(guarded).Kind);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.Free(guarded)).Fault);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_deferred_free_protects_the_page_when_readers_have_gone(bool isChecked)
    {
        using SlabRuntime runtime = Guarded.NewRuntime(isChecked);
        KmemCache cache = runtime.CreateCache("deferred", 64, new SlabCacheOptions());
        nint address = cache.Alloc();
        RcuReadScope reading = Rcu.Read();
        cache.FreeDeferred(address);
        Assert.Equal(AddressKind.DeferredObject, runtime.Describe(address).Kind);
        reading.Dispose();
        Rcu.Barrier();
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(address).Kind);
        runtime.Close();
    }

    [Fact]
    public void A_handle_to_a_guarded_object_ends_with_it()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        var handles = new SlabHandles<long>(runtime.CreateCache("handles", sizeof(long), new SlabCacheOptions()));
        SlabHandle<long> handle = handles.Alloc();
        handle.Value = 7;
        Assert.True(handle.TryGet(out SlabPtr<long> pointer));
        Assert.True(Guarded.IsGuarded(runtime, pointer.Address));
        handles.Free(handle);
        Assert.False(handle.TryGet(out _));
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(pointer.Address).Kind);
        runtime.Close();
    }

    [Fact]
    public unsafe void Blocks_of_any_size_are_guarded_too()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        nint[] blocks = [runtime.Kmalloc.Alloc(20), runtime.Kmalloc.AllocZeroed(100), runtime.Kmalloc.Alloc(4096)];
        Assert.All(blocks, address => Assert.True(Guarded.IsGuarded(runtime, address)));
        Assert.Equal((nuint)112, runtime.Kmalloc.UsableSize(blocks[1]));
        *(long*)blocks[0] = 5;
        nint moved = runtime.Kmalloc.Realloc(blocks[0], 3000);
        Assert.Equal(5, *(long*)moved);
        Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(blocks[0]).Kind);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => runtime.Kmalloc.Free(blocks[0])).Fault);
        runtime.Kmalloc.FreeBulk([blocks[1], moved, blocks[2]]);
        Assert.All(blocks, address => Assert.Equal(AddressKind.FreeGuardedObject, runtime.Describe(address).Kind));
        Assert.True(Assert.Throws<SlabException>(() => runtime.Kmalloc.Free(blocks[0] + 8)).Fault is SlabFault.InteriorPointer);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }

    [Fact]
    public void Objects_that_may_not_be_guarded_are_not()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache large = runtime.CreateCache("large", Page.Size + 8, new SlabCacheOptions());
        KmemCache readers = runtime.CreateCache("readers", 64, new SlabCacheOptions { TypeSafeByRcu = true });
        foreach (KmemCache cache in new[] { large, readers })
        {
            nint address = cache.Alloc();
            Assert.Equal(AddressKind.LiveObject, runtime.Describe(address).Kind);
            cache.Free(address);
        }

        runtime.Close();
    }

    [Fact]
    public void A_thread_that_never_leaves_its_magazine_is_sampled_too()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("hot", 64, new SlabCacheOptions());
        nint[] warm = new nint[8];
        cache.AllocBulk(warm);
        cache.FreeBulk(warm);
        Assert.False(AnyGuarded()); // the magazine serves
        runtime.Background.WakeToReap();
        Assert.True(SpinWait.SpinUntil(AnyGuarded, 60_000));
        runtime.Close();

        bool AnyGuarded()
        {
            nint address = cache.Alloc();
            bool guarded = Guarded.IsGuarded(runtime, address);
            cache.Free(address);
            return guarded;
        }
    }

    [Fact]
    public void At_a_limit_nothing_is_guarded()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("full", 64, new SlabCacheOptions { MaxBytes = Page.Size, Order = 0, NoMagazines = true });
        nint[] objects = new nint[Page.Size / 64];
        cache.AllocBulk(objects);
        Assert.False(cache.TryAlloc(out _)); // a page has no room for one more
        nint got = 0;
        var waiter = new Thread(() => got = cache.Alloc(GfpFlags.Kernel | GfpFlags.NoFail));
        waiter.Start();
        SpinWait.SpinUntil(() => !waiter.IsAlive || waiter.ThreadState.HasFlag(ThreadState.WaitSleepJoin), 1000);
        cache.Free(objects[0]);
        waiter.Join();
        Assert.Equal(objects[0], got); // it waited for that
        cache.FreeBulk(objects);
        runtime.Close();
    }

    [Fact]
    public unsafe void A_debugger_sees_a_live_one_and_not_a_freed_one()
    {
        using SlabRuntime runtime = Guarded.NewRuntime();
        KmemCache cache = runtime.CreateCache("seen", sizeof(long), new SlabCacheOptions());
        SlabPtr<long> pointer = new(cache.Alloc());
        pointer.Value = 77;
        var live = new SlabGen.References.ObjectDebugView<long>(pointer);
        Assert.Equal((true, 77L, cache), (live.IsLive, live.Value, live.Cache));
        Assert.Null(new SlabGen.References.ObjectDebugView<long>(new SlabPtr<long>(pointer.Address ^ 0x800)).Value); // beside it
        cache.Free(pointer.Address);
        Assert.False(new SlabGen.References.ObjectDebugView<long>(pointer).IsLive);
        runtime.Close();
    }

    [Fact]
    public void Between_two_guarded_objects_lies_about_an_interval()
    {
        using SlabRuntime runtime = Guarded.NewRuntime(sampling: new GuardSampling { Interval = TimeSpan.FromMinutes(30) });
        KmemCache cache = runtime.CreateCache("interval", 64, new SlabCacheOptions { NoMagazines = true });
        nint[] objects = [.. Enumerable.Range(0, 100).Select(_ => cache.Alloc())];
        Assert.Equal(1, objects.Count(address => Guarded.IsGuarded(runtime, address)));
        cache.FreeBulk(objects);
        runtime.Close();
    }

    [Fact]
    public void Threads_that_allocate_and_free_keep_the_counts_right()
    {
        using SlabRuntime runtime = Guarded.NewRuntime(sampling: Guarded.Always with { MaxObjects = 1000 });
        KmemCache cache = runtime.CreateCache("threads", 64, new SlabCacheOptions { NoMagazines = true });
        var box = new System.Collections.Concurrent.ConcurrentQueue<nint>();
        var threads = new Concurrency.TestThreads();
        for (int t = 0; t < 3; t++)
        {
            threads.Start(() =>
            {
                for (int i = 0; i < 300; i++)
                {
                    nint address = cache.Alloc();
                    unsafe
                    {
                        *(nint*)address = address;
                    }

                    box.Enqueue(address);
                    if (box.TryDequeue(out nint other))
                    {
                        cache.Free(other);
                    }
                }
            });
        }

        threads.Join();
        foreach (nint address in box)
        {
            cache.Free(address);
        }

        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        runtime.Close();
    }
}
