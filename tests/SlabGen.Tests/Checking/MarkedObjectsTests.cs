using static SlabGen.Tests.Checking.Lettered;

namespace SlabGen.Tests.Checking;

/// <summary>What lies in and beside the objects of a cache with letters, on every way that an object takes.</summary>
public sealed class MarkedObjectsTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 8)]
    [InlineData(8, 0)]
    [InlineData(60, 64)]
    [InlineData(64, 64)]
    [InlineData(100, 16)]
    [InlineData(1000, 256)]
    [InlineData(4096, 4096)]
    [InlineData(70000, 8)]
    public void Objects_keep_their_alignment_and_no_marks_overlap(int size, int alignment)
    {
        foreach (SlabDebug letters in new[] { SlabDebug.RedZones, SlabDebug.Poison, SlabDebug.Users, SlabDebug.Full })
        {
            using SlabRuntime runtime = NewRuntime(letters);
            KmemCache cache = runtime.CreateCache("o", size, new SlabCacheOptions { Alignment = alignment });
            nint[] objects = new nint[20];
            cache.AllocBulk(objects);
            foreach (nint one in objects)
            {
                Assert.Equal(0, one % Math.Max(alignment, 8));
                Bytes(one, size).Fill(0xee); // all of it is the user's
            }

            TestRuntime.CheckHealth(runtime);
            Array.ForEach(objects, cache.Free);
            TestRuntime.CheckHealth(runtime);
            Assert.Equal(0, cache.Snapshot().LiveObjects);
            Assert.False(cache.Shrink());
        }
    }

    [Fact]
    public void The_bytes_are_the_kernels()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones | SlabDebug.Poison);
        KmemCache cache = runtime.CreateCache("o", 60);
        nint one = cache.Alloc();
        Assert.Equal((0xcc, 0xcc, 0xcc), (Read(one - 1), Read(one + 60), Read(one + 63)));
        cache.Free(one);
        Assert.Equal((0xbb, 0xbb, 0x6b, 0x6b, 0xa5), (Read(one - 1), Read(one + 60), Read(one), Read(one + 58), Read(one + 59)));
    }

    [Theory]
    [MemberData(nameof(Sets), MemberType = typeof(Lettered))]
    public void Every_way_to_take_and_to_free_keeps_the_marks_right(SlabDebug letters)
    {
        using SlabRuntime runtime = NewRuntime(letters);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[300];
        cache.AllocBulk(objects);
        TestRuntime.CheckHealth(runtime);
        cache.FreeBulk(objects.AsSpan(0, 150));
        TestRuntime.CheckHealth(runtime);
        Assert.True(cache.TryAllocBulk(objects.AsSpan(0, 100), GfpFlags.NoWait));
        Assert.True(cache.TryAlloc(out objects[100]));
        Assert.True(cache.TryAlloc(GfpFlags.Zero, out objects[101]));
        objects[102] = cache.AllocZeroed();
        Assert.True(cache.TryAllocAtOnce(out objects[103]));
        TestRuntime.CheckHealth(runtime);
        Array.ForEach(objects[..20], cache.FreeDeferred);
        TestRuntime.CheckHealth(runtime);
        Rcu.Barrier();
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(104 - 20 + 150, cache.Reset());
        TestRuntime.CheckHealth(runtime);
        Assert.False(cache.Shrink());
    }

    [Fact]
    public void A_constructed_object_is_not_poisoned_and_stays_constructed()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        KmemCache cache = runtime.CreateCache<long, Seven>("o");
        Assert.Equal(SlabDebug.Full & ~SlabDebug.Poison, cache.Snapshot().Debug);
        nint one = cache.Alloc();
        Assert.Equal(7, new SlabPtr<long>(one).Value);
        cache.Free(one);
        Assert.Equal(7, Read(one));
        KmemCache rcu = runtime.CreateCache("rcu", 64, new SlabCacheOptions { TypeSafeByRcu = true });
        Assert.Equal(SlabDebug.Full & ~SlabDebug.Poison, rcu.Snapshot().Debug);
        rcu.Free(rcu.Alloc());
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void An_object_that_fills_the_largest_slab_alone_has_what_takes_no_room()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full, pages: 4096);
        KmemCache cache = runtime.CreateCache("o", 4 << 20);
        Assert.Equal(SlabDebug.Checks | SlabDebug.Poison, cache.Snapshot().Debug);
        nint one = cache.Alloc();
        cache.Free(one);
        Write(one + 5, 1);
        Assert.Equal(1, cache.Validate().Violations);
        Assert.Throws<SlabException>(() => cache.Shrink());
    }

    [Fact]
    public void An_order_that_holds_no_marked_object_is_raised()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        KmemCache cache = runtime.CreateCache("o", 4096, new SlabCacheOptions { Order = 0 });
        Assert.Equal(1, cache.Snapshot().Order);
        cache.Free(cache.Alloc());
        Assert.Throws<ArgumentOutOfRangeException>(() => runtime.CreateCache("p", 4096, new SlabCacheOptions { Order = -2 }));
    }

    [Fact]
    public void What_moves_is_marked_at_both_places()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.Full);
        KmemCache cache = runtime.CreateCache("o", 512);
        var live = new HashSet<nint>();
        cache.SetMove((from, to) =>
        {
            if (!live.Remove(from))
            {
                return SlabMoveReply.DontKnow;
            }

            Bytes(from, 512).CopyTo(Bytes(to, 512));
            live.Add(to);
            return SlabMoveReply.Yes;
        });
        nint[] objects = new nint[400];
        cache.AllocBulk(objects);
        for (int i = 0; i < objects.Length; i++)
        {
            if (i % 5 == 0)
            {
                live.Add(objects[i]);
                Bytes(objects[i], 512).Fill((byte)i);
            }
            else
            {
                cache.Free(objects[i]);
            }
        }

        Assert.True(cache.Consolidate().ObjectsMoved > 0);
        TestRuntime.CheckHealth(runtime);
        Assert.All(live, one => Assert.Equal(Read(one), Read(one + 511)));
        Assert.Equal(80, live.Count);
        cache.FreeBulk([.. live]);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Threads_that_pass_objects_on_while_all_is_validated_meet_no_false_alarm()
    {
        using SlabRuntime runtime = NewRuntime(SlabDebug.RedZones | SlabDebug.Poison, pages: 4096);
        KmemCache cache = runtime.CreateCache("o", 40);
        var queue = new System.Collections.Concurrent.ConcurrentQueue<nint>();
        Exception? failure = null;
        int left = 3;
        Thread[] threads = [.. Enumerable.Range(0, left).Select(seed => new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 4000; i++)
                {
                    nint one = cache.Alloc();
                    Bytes(one, 40).Fill((byte)seed);
                    queue.Enqueue(one);
                    if (queue.TryDequeue(out nint address))
                    {
                        cache.Free(address);
                    }
                }
            }
            catch (Exception e)
            {
                failure = e;
            }

            Interlocked.Decrement(ref left);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        do
        {
            TestRuntime.CheckHealth(runtime);
        }
        while (Volatile.Read(ref left) > 0);

        Array.ForEach(threads, thread => thread.Join());
        Assert.Null(failure);
        cache.FreeBulk([.. queue]);
        TestRuntime.CheckHealth(runtime);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    private sealed class Seven : ISlabLife<long>
    {
        public static bool Construct(ref long value)
        {
            value = 7;
            return true;
        }

        public static void Destruct(ref long value) => Assert.Equal(7, value);
    }
}
