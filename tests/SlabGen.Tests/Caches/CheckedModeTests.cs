using SlabGen.Checking;
using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>
/// Checked mode keeps magazines, and finds at the call what is wrong with a pointer: also one of an object that lies
/// free in a magazine. What cannot be found at the call, because two threads free at once, gets no second owner.
/// </summary>
public sealed class CheckedModeTests
{
    [Fact]
    public void Freed_objects_wait_in_magazines_and_are_found_there()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[600];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        Assert.True(cache.Snapshot().CachedObjects > 500);
        foreach (nint address in objects)
        {
            Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.Free(address)).Fault);
        }

        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.FreeBulk(objects)).Fault);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Another_thread_finds_what_lies_in_the_magazine_of_the_first()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint address = cache.Alloc();
        cache.Free(address);
        SlabException? found = null;
        var other = new Thread(() => found = Assert.Throws<SlabException>(() => cache.Free(address)));
        other.Start();
        other.Join();
        Assert.Equal(SlabFault.DoubleFree, found?.Fault);
    }

    /// <summary>As if two threads had freed one object in the same moment: it lies in a magazine and is live.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_two_threads_freed_at_once_gets_no_second_owner(bool inBulk)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] others = new nint[10];
        cache.AllocBulk(others);
        nint address = cache.Alloc();
        cache.FreeBulk(others);
        cache.Free(address);
        cache.Slabs.States!.Set(address, ObjectStates.Live); // the other thread's copy went to a new owner
        Assert.Equal(1, cache.Validate().Violations);
        SlabException error = Assert.Throws<SlabException>(() => inBulk ? Bulk() : cache.Alloc());
        Assert.Equal((SlabFault.DoubleFree, address), (error.Fault, error.Address));
        nint[] next = new nint[10];
        cache.AllocBulk(next);
        Assert.DoesNotContain(address, next);
        cache.FreeBulk(next);
        cache.Free(address);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);

        nint Bulk()
        {
            cache.AllocBulk(new nint[5]);
            return 0;
        }
    }

    [Fact]
    public void A_slab_of_another_zone_is_known_too()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024, isChecked: true);
        KmemCache low = runtime.CreateCache("low", 64, new SlabCacheOptions { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict });
        nint address = low.Alloc();
        Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => low.Free(address + 8)).Fault);
        low.Free(address);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => low.Free(address)).Fault);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Kmalloc_finds_it_in_every_form()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096, isChecked: true);
        foreach (Kmalloc kmalloc in new[] { runtime.Kmalloc, runtime.CreateKmalloc("own") })
        {
            nint address = kmalloc.Alloc(100);
            Assert.Equal(SlabFault.InteriorPointer, Assert.Throws<SlabException>(() => kmalloc.Free(address + 16)).Fault);
            kmalloc.Free(address);
            Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => kmalloc.Free(address)).Fault);
            Assert.Throws<SlabException>(() => kmalloc.Realloc(address, 200));
            Kmalloc.Local local = kmalloc.OpenLocal();
            address = local.Alloc(100);
            local.Free(address);
            Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => kmalloc.Free(address)).Fault);
            nint[] blocks = new nint[40];
            kmalloc.AllocBulk(64, blocks);
            kmalloc.FreeBulk(blocks);
            Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => kmalloc.FreeBulk(blocks)).Fault);
        }

        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void After_a_reset_an_old_pointer_is_found()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[100];
        cache.AllocBulk(objects);
        Assert.Equal(100, cache.Reset());
        Assert.NotEqual(SlabFault.None, Assert.Throws<SlabException>(() => cache.Free(objects[7])).Fault);
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Where_the_system_refuses_the_map_nothing_is_allocated_and_nothing_lost()
    {
        var memory = new TestRuntime.FailingMemory(OsMemory.Current);
        using SlabRuntime runtime = TestRuntime.OfPages(256, memory: memory);
        memory.ReservesLeft = 0;
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Checked = true });
        Assert.Throws<OutOfMemoryException>(() => cache.Alloc());
        memory.ReservesLeft = int.MaxValue;
        nint address = cache.Alloc();
        cache.Free(address);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => cache.Free(address)).Fault);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Threads_that_pass_objects_on_meet_no_false_alarm()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        var queue = new System.Collections.Concurrent.ConcurrentQueue<nint>();
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 20_000; i++)
                {
                    queue.Enqueue(cache.Alloc());
                    if (queue.TryDequeue(out nint address))
                    {
                        cache.Free(address);
                    }

                    if (i % 5000 == seed)
                    {
                        cache.Shrink();
                    }
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Null(failure);
        cache.FreeBulk([.. queue]);
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    /// <summary>
    /// Caches come and go, each with two ids, and one thread keeps slots of all: a bin that two of them had would give
    /// an object of one for the other.
    /// </summary>
    [Fact]
    public void Ids_that_are_used_again_mix_no_caches_up()
    {
        var random = new Random(3);
        for (int round = 0; round < 60; round++)
        {
            using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
            List<KmemCache> caches = [];
            for (int step = 0; step < 40; step++)
            {
                if (caches.Count < 6 || random.Next(3) > 0)
                {
                    caches.Add(runtime.CreateCache($"c{step}", 16 * (1 + random.Next(8)), new SlabCacheOptions { Checked = random.Next(4) > 0 }));
                }
                else
                {
                    KmemCache gone = caches[random.Next(caches.Count)];
                    caches.Remove(gone);
                    Assert.True(gone.Destroy().IsClean);
                }

                foreach (KmemCache cache in caches.Where(_ => random.Next(3) > 0))
                {
                    nint address = cache.Alloc();
                    Assert.Same(cache, runtime.Describe(address).Cache);
                    cache.Free(address);
                }
            }
        }
    }

    [Fact]
    public void The_report_says_which_object_and_where()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 60, new SlabCacheOptions { Coloring = false });
        nint address = cache.Alloc();
        SlabReport report = Assert.Throws<SlabException>(() => cache.Free(address + 24)).Report!;
        Assert.Equal((SlabFault.InteriorPointer, "o", address + 24, address, 24, 60),
            (report.Fault, report.CacheName, report.Address, report.ObjectAddress, report.Offset, report.ObjectSize));
        nint start = runtime.Describe(address).Slab;
        Assert.Equal(
            $"""
            =============================================================================
            BUG o: 0x{address + 24:x} was freed, which is not the start of an object of 64 bytes
            -----------------------------------------------------------------------------

            Slab 0x{start:x} objects=64 size=64
            Object 0x{address:x} @offset={address - start}, the pointer 24 bytes into it: live
            """,
            report.Text.TrimEnd(), ignoreLineEndingDifferences: true);
        cache.Free(address);
        Assert.Contains("free", Assert.Throws<SlabException>(() => cache.Free(address)).Report!.Text, StringComparison.Ordinal);
        report = Assert.Throws<SlabException>(() => cache.Free(24)).Report!;
        Assert.Equal((0, 0), (report.ObjectAddress, report.Offset));
        using SlabRuntime fast = TestRuntime.OfPages(256);
        Assert.Null(Assert.Throws<SlabException>(() => fast.CreateCache("p", 64).Free(0)).Report);
    }

    /// <summary>Objects go back in parts: an error that is told with one of them must not leave the others live.</summary>
    [Fact]
    public void A_bulk_is_freed_whole_though_an_earlier_error_is_told()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(1024, isChecked: true);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[5000];
        cache.AllocBulk(objects);
        cache.Pending.Add(new FormatException("of a destructor"));
        Assert.Throws<FormatException>(() => cache.FreeBulk(objects));
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }
}
