using System.Diagnostics;
using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>An object that was freed by <see cref="KmemCache.FreeDeferred"/> is free when no reader can hold it, and then for certain.</summary>
[Collection("Rcu")]
public sealed class FreeDeferredTests
{
    [Fact]
    public void InCheckedMode_FreeingWhatWaits_IsADoubleFree_AtOnce()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint address = cache.Alloc(), other = cache.Alloc();
        using (var reader = new RcuReaderThread())
        {
            cache.FreeDeferred(address);
            Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.Free(address)).Fault);
            Assert.Equal(address, Assert.Throws<SlabException>(() => cache.FreeBulk([address, other])).Address);
            Assert.Equal(0, cache.Snapshot().LiveObjects); // the other one was freed
            Assert.Equal(1, cache.Snapshot().DeferredObjects);
            reader.Leave();
        }

        Rcu.Barrier();
        Assert.False(cache.Shrink());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void AnObject_IsNeitherLiveNorFree_WhileAReaderMayHoldIt(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint address = cache.Alloc();
        *(long*)address = 42;
        using var reader = new RcuReaderThread();
        cache.FreeDeferred(address);
        Assert.Equal((0, 1), (cache.Snapshot().LiveObjects, cache.Snapshot().DeferredObjects));
        Assert.True(cache.Shrink()); // its slab stays

        nint[] others = new nint[500];
        cache.AllocBulk(others);
        Assert.DoesNotContain(address, others);
        Assert.Equal(42, *(long*)address);
        cache.FreeBulk(others);

        reader.Leave();
        Rcu.Barrier();
        Assert.Equal((0, 0), (cache.Snapshot().LiveObjects, cache.Snapshot().DeferredObjects));
        Assert.False(cache.Shrink());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatWaitsForAGracePeriod_IsFreedForARequestAtALimit(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache objects = runtime.CreateCache("objects", 64, new SlabCacheOptions { MaxObjects = 1, Checked = isChecked });
        var bytes = new SlabCacheOptions { MaxBytes = Page.Size, Order = 0, MinPartial = 0, TypeSafeByRcu = true, Checked = isChecked };
        KmemCache slabs = runtime.CreateCache("slabs", 64, bytes);
        for (int i = 0; i < 20; i++)
        {
            objects.FreeDeferred(objects.Alloc());
            slabs.Free(slabs.Alloc());
            slabs.Shrink();
        }

        objects.Free(objects.Alloc());
        slabs.Free(slabs.Alloc());
    }

    [Fact]
    public void TheBackground_FreesWithoutACall_AndItsThreadEnds()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        for (int i = 0; i < 300; i++)
        {
            cache.FreeDeferred(cache.Alloc());
        }

        var threads = new TestThreads();
        threads.WaitUntil(() => cache.Snapshot() is { DeferredObjects: 0, LiveObjects: 0 }, "the objects to be freed");
        threads.WaitUntil(() => !GracePeriods.OfProcess.Background.Runs, "the thread to end");
        cache.FreeDeferred(cache.Alloc()); // and another one begins
        Rcu.Barrier();
        Assert.Equal(0, cache.Snapshot().DeferredObjects);
    }

    [Fact]
    public void WhatThreadsDeferredThatDied_IsFreed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        using var reader = new RcuReaderThread();
        for (int i = 0; i < 20; i++)
        {
            var thread = new Thread(() =>
            {
                using (Rcu.Read()) // the scope is left: the thread ends outside
                {
                    cache.FreeDeferred(cache.Alloc());
                }

                _ = Rcu.Read(); // and dies inside
            });
            thread.Start();
            thread.Join();
        }

        Assert.Equal(20, cache.Snapshot().DeferredObjects);
        reader.Leave();
        Rcu.Barrier();
        Assert.Equal((0, 0), (cache.Snapshot().LiveObjects, cache.Snapshot().DeferredObjects));
        Assert.True(cache.Destroy().IsClean);
    }

    [Fact]
    public void AnObjectDeferredTwice_IsFoundWhenItIsFreed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("twice", 64);
        nint address = cache.Alloc();
        using (Rcu.Read())
        {
            cache.FreeDeferred(address);
            cache.FreeDeferred(address);
        }

        Rcu.Barrier();
        var error = Assert.Throws<SlabException>(() => cache.AllocBulk(new nint[1]));
        Assert.Equal((SlabFault.DoubleFree, address), (error.Fault, error.Address));
        Assert.Contains("'twice'", error.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0), (cache.Snapshot().LiveObjects, cache.Snapshot().DeferredObjects));
        cache.Free(cache.Alloc());
    }

    [Fact]
    public void ABadPointerFoundAtTheEnd_ComesOutOfTheEnd()
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint address = cache.Alloc();
        using (var reader = new RcuReaderThread())
        {
            cache.FreeDeferred(address);
            cache.FreeDeferred(address + 8);
        }

        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(runtime.Dispose).Fault);
    }

    [Fact]
    public void InCheckedMode_ABadPointer_IsFoundAtOnce_AndNotTaken()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        var once = new SlabCacheOptions { NoMagazines = true }; // what was freed last comes next
        KmemCache cache = runtime.CreateCache("o", 64, once), other = runtime.CreateCache("p", 64);
        nint address = cache.Alloc(), foreign = other.Alloc();
        Assert.Equal(SlabFault.WrongCache, Fault(foreign));
        Assert.Equal(SlabFault.InteriorPointer, Fault(address + 8));
        Assert.Equal(SlabFault.ForeignPointer, Fault(8));
        using (Rcu.Read())
        {
            cache.FreeDeferred(address);
            Assert.Equal(SlabFault.DoubleFree, Fault(address));
        }

        Rcu.Barrier();
        Assert.Equal(SlabFault.DoubleFree, Fault(address));
        Assert.Equal(0, cache.Snapshot().DeferredObjects);
        Assert.Equal(address, cache.Alloc());
        cache.FreeDeferred(address); // a new life
        other.Free(foreign);

        SlabFault Fault(nint bad) => Assert.Throws<SlabException>(() => cache.FreeDeferred(bad)).Fault;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NullAndADestroyedCache_AreRefusedAtOnce(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked);
        KmemCache cache = runtime.CreateCache("gone", 64);
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => cache.FreeDeferred(0)).Fault);
        nint address = cache.Alloc();
        Assert.Equal([address], cache.Destroy().Addresses);
        Assert.Contains("'gone'", Assert.Throws<ObjectDisposedException>(() => cache.FreeDeferred(address)).Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => cache.FreeDeferred(0));
        Assert.Throws<InvalidOperationException>(runtime.Close);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TheEnd_WaitsForTheReader_AndFindsNoLeak(bool ofTheRuntime)
    {
        SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[500];
        cache.AllocBulk(objects);
        using var reader = new RcuReaderThread();
        Array.ForEach(objects, cache.FreeDeferred);
        var threads = new TestThreads();
        bool left = false;
        Thread ender = threads.Start(() =>
        {
            if (ofTheRuntime)
            {
                runtime.Dispose();
            }
            else
            {
                Assert.True(cache.Destroy().IsClean);
            }

            Assert.True(Volatile.Read(ref left));
        });
        threads.WaitUntil(() => cache.Magazines.IsClosed && (ender.ThreadState & System.Threading.ThreadState.WaitSleepJoin) != 0, "the end to wait");
        Volatile.Write(ref left, true);
        reader.Leave();
        threads.Join();
        Assert.True(cache.Leak!.IsClean);
        runtime.Dispose();
    }

    [Fact]
    public void TheEnd_InsideASection_IsRefused_AndNothingIsDone()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        using (Rcu.Read())
        {
            cache.FreeDeferred(cache.Alloc());
            Assert.Contains("'o'", Assert.Throws<InvalidOperationException>(cache.Destroy).Message, StringComparison.Ordinal);
            Assert.Contains("read-side section", Assert.Throws<InvalidOperationException>(runtime.Close).Message, StringComparison.Ordinal);
        }

        cache.Free(cache.Alloc());
    }

    [Fact]
    public void WhenMemoryIsShort_WhatNoReaderHolds_ServesAnotherCache()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(128);
        KmemCache cache = runtime.CreateCache("o", Page.Size), other = runtime.CreateCache("p", Page.Size);
        for (int round = 0; round < 20; round++)
        {
            List<nint> taken = TakeAll(cache);
            Assert.True(taken.Count > 100, $"{taken.Count}");
            taken.ForEach(cache.FreeDeferred);
            (cache, other) = (other, cache); // no wait between
        }
    }

    [Fact]
    public void WhenMemoryIsShort_AReaderHoldsItUp_AndThenNoMore()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(128);
        KmemCache cache = runtime.CreateCache("o", Page.Size);
        using var reader = new RcuReaderThread();
        TakeAll(cache).ForEach(cache.FreeDeferred);
        Assert.False(cache.TryAlloc(out _));
        reader.Leave();
        Assert.True(cache.TryAlloc(out nint address));
        cache.Free(address);

        TakeAll(cache).ForEach(cache.FreeDeferred);
        using (Rcu.Read()) // its own section holds it up: no memory, but no wait for itself either
        {
            while (cache.TryAlloc(out address)) // what the background freed before the section
            {
                cache.FreeDeferred(address);
            }
        }

        Assert.True(cache.TryAlloc(out address));
        cache.Free(address);
    }

    [Fact]
    public void WhoDefersMuch_HelpsToFree()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(8192);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[100_000];
        cache.AllocBulk(objects);
        long most = 0;
        for (int i = 0; i < objects.Length; i++)
        {
            cache.FreeDeferred(objects[i]);
            most = i % 100 == 0 ? Math.Max(most, cache.Snapshot().DeferredObjects) : most;
        }

        Assert.True(most is > 0 and < 12_000, $"{most} waited");
    }

    /// <summary>Readers find nodes whose two words belong together, though writers reuse them as soon as they may.</summary>
    [Fact]
    public unsafe void UnderThreads_NoReaderSeesANodeReused()
    {
        const int Slots = 16;
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("node", 32);
        nint[] table = new nint[Slots];
        long found = 0, replaced = 0;
        bool stop = false;
        var threads = new TestThreads();
        for (int w = 0; w < 2; w++)
        {
            int seed = w + 1;
            threads.Start(() =>
            {
                for (long key = seed; !Volatile.Read(ref stop); key += 2)
                {
                    nint node = cache.Alloc();
                    ((long*)node)[0] = key;
                    ((long*)node)[1] = ~key;
                    nint old = Interlocked.Exchange(ref table[key % Slots], node);
                    if (old != 0)
                    {
                        cache.FreeDeferred(old);
                    }

                    Interlocked.Increment(ref replaced);
                }
            });
            threads.Start(() =>
            {
                for (int at = 0; !Volatile.Read(ref stop); at = (at + 1) % Slots)
                {
                    using (Rcu.Read())
                    {
                        nint node = Volatile.Read(ref table[at]);
                        if (node != 0)
                        {
                            long key = Volatile.Read(ref ((long*)node)[0]);
                            for (int i = 0; i < 20; i++)
                            {
                                Assert.Equal(~key, Volatile.Read(ref ((long*)node)[1]));
                                Assert.Equal(key, Volatile.Read(ref ((long*)node)[0]));
                            }

                            Interlocked.Increment(ref found);
                        }
                    }
                }
            });
        }

        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < TestThreads.StressTime && !threads.HasFailed)
        {
            cache.Shrink();
            Thread.Sleep(5);
        }

        Volatile.Write(ref stop, true);
        threads.Join();
        Assert.True(found > 1000 && replaced > 1000, $"{found} found, {replaced} replaced");
        Array.ForEach(table, cache.FreeDeferred);
        Assert.True(cache.Destroy().IsClean);
    }

    private static List<nint> TakeAll(KmemCache cache)
    {
        var taken = new List<nint>();
        while (cache.TryAlloc(out nint address))
        {
            taken.Add(address);
        }

        return taken;
    }
}
