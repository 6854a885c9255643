using SlabGen.Memory;
using SlabGen.Tests.Concurrency;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.Caches;

/// <summary>A cache that is emptied frees everything at once, gives its pages back, and lives on.</summary>
[Collection("Rcu")]
public sealed class ResetTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_frame_is_freed_at_once_and_the_next_one_begins(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096, isChecked);
        using var cache = new KmemCache<long>(runtime, "frame");
        for (int frame = 0; frame < 5; frame++)
        {
            var objects = new SlabPtr<long>[5000];
            cache.AllocBulk(objects);
            for (int i = 0; i < 1000; i++)
            {
                cache.Free(objects[i]);
            }

            Assert.Equal(4000, cache.Reset());
            CacheSnapshot now = cache.Cache.Snapshot();
            Assert.Equal((0, 0, 0, 0), (now.LiveObjects, now.CachedObjects, now.Bytes, now.DeferredObjects));
            Assert.True(cache.Cache.Validate().IsClean);
        }

        Assert.Equal(0, cache.Reset()); // an empty one
        Assert.True(cache.Destroy().IsClean);
        Assert.Throws<ObjectDisposedException>(() => cache.Reset());
    }

    [Fact]
    public void A_mempool_of_the_cache_has_to_end_before()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        Assert.Throws<OutOfMemoryException>(() => new Mempool(cache, 1_000_000)); // counts as none
        var pool = new Mempool(cache, 4);
        nint element = pool.Alloc(TestContext.Current.CancellationToken);
        Assert.Contains("1 mempool", Assert.Throws<InvalidOperationException>(() => cache.Reset()).Message, StringComparison.Ordinal);
        pool.Free(element);
        pool.Dispose();
        pool.Dispose();
        Assert.Equal(0, cache.Reset());
    }

    [Fact]
    public void The_memory_goes_back_to_the_system()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("o", 64);
        cache.Free(cache.Alloc());
        cache.Shrink();
        long before = runtime.CommittedBytes;
        cache.AllocBulk(new nint[50_000]);
        Assert.True(runtime.CommittedBytes > before + 3_000_000);
        cache.Reset();
        Assert.InRange(runtime.CommittedBytes, 0, before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Handles_owners_buffers_and_reservations_are_stale_and_free_nothing(bool isChecked)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked);
        KmemCache cache = runtime.CreateCache<long>("o");
        var handles = new SlabHandles<long>(cache);
        SlabHandle<long> handle = handles.Alloc();
        var owner = new SlabOwner<long>(cache);
        var buffer = new SlabBuffer(cache);
        Memory<byte> memory = buffer.Memory;
        var pinned = new SlabBuffer(cache);
        System.Buffers.MemoryHandle pin = pinned.Pin();
        pinned.Dispose();
        var reserved = new SlabReservation<long>(cache, 10);
        Assert.Equal(14, cache.Reset());

        nint[] next = new nint[20]; // at the same addresses, most likely: what is stale must not reach them
        cache.AllocBulk(next);
        Assert.False(handle.IsLive);
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => handles.Free(handle)).Fault);
        foreach (Action use in new Action[] { () => owner.Value = 1, () => _ = owner.Pointer, () => _ = buffer.GetSpan(), () => memory.Span.Clear(), () => buffer.Pin(), () => reserved.Alloc() })
        {
            Assert.Contains("Reset", Assert.Throws<ObjectDisposedException>(use).Message, StringComparison.Ordinal);
        }

        owner.Dispose();
        buffer.Dispose();
        reserved.Dispose();
        pin.Dispose();
        Assert.Equal(20, cache.Snapshot().LiveObjects);
        SlabHandle<long> another = handles.Alloc();
        Assert.True(another.IsLive && !handle.IsLive);
        handles.Free(another);
        cache.FreeBulk(next);
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void In_checked_mode_a_stale_pointer_is_found()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256, isChecked: true);
        KmemCache cache = runtime.CreateCache<long>("o");
        nint stale = cache.Alloc();
        cache.Reset();
        Assert.Equal(SlabFault.ForeignPointer, Assert.Throws<SlabException>(() => cache.Free(stale)).Fault);
    }

    [Fact]
    public void Limits_and_the_account_have_room_again()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        var account = new SlabAccount("tenant", 64L * Page.Size);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { Account = account, MaxObjects = 100 });
        for (int round = 0; round < 3; round++)
        {
            Assert.True(cache.TryAllocBulk(new nint[100]));
            Assert.False(cache.TryAlloc(out _));
            Assert.True(account.Used > 0);
            Assert.Equal(100, cache.Reset());
            Assert.Equal(0, account.Used);
        }
    }

    [Fact]
    public unsafe void Destructors_run_for_every_object_and_what_was_live_is_cleared_where_the_cache_says_so()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<long, Life>("life");
        Life.Constructed = Life.Destructed = 0;
        nint[] objects = new nint[1000];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects.AsSpan(0, 300));
        cache.Reset();
        Assert.True(Life.Constructed >= 1000);
        Assert.Equal(Life.Constructed, Life.Destructed);
        nint again = cache.Alloc();
        Assert.Equal(7, *(long*)again); // constructed anew
        cache.Free(again);

        KmemCache secret = runtime.CreateCache("secret", 64, new SlabCacheOptions { Zeroing = SlabZeroing.OnFree });
        nint live = secret.Alloc();
        new Span<byte>((void*)live, 64).Fill(0xaa);
        secret.Reset();
        nint page = runtime.Pages.AllocPages(GfpFlags.Kernel, 0).Address; // the page it was on, or one of zeros
        Assert.Equal(-1, new Span<byte>((void*)page, Page.Size).IndexOf((byte)0xaa));
        runtime.Pages.FreePages(page);
    }

    [Fact]
    public void What_a_destructor_throws_comes_out_of_it_and_the_cache_is_empty()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<long, Thrower>("thrower");
        cache.Alloc();
        Assert.Equal("enough", Assert.Throws<InvalidOperationException>(() => cache.Reset()).Message);
        Assert.Equal(0, cache.Snapshot().Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Readers_of_what_was_deferred_are_waited_for(bool typeSafe)
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64, new SlabCacheOptions { TypeSafeByRcu = typeSafe });
        nint deferred = cache.Alloc();
        cache.Alloc();
        var threads = new TestThreads();
        using (var reader = new RcuReaderThread())
        {
            cache.FreeDeferred(deferred);
            long live = -1;
            Thread resetting = threads.Start(() => live = cache.Reset());
            threads.WaitUntil(() => (resetting.ThreadState & ThreadState.WaitSleepJoin) != 0, "it waits");
            Assert.Equal(-1, Volatile.Read(ref live));
            reader.Leave();
            threads.Join();
            Assert.Equal(1, live);
        }

        Assert.Equal((0, 0), (cache.Snapshot().LiveObjects, cache.Snapshot().DeferredObjects));
        Assert.Equal(0, cache.Reset()); // what this thread held, which was awake, perhaps
        Assert.Equal(0, cache.Snapshot().Bytes);
    }

    [Fact]
    public void Where_it_would_wait_for_its_caller_it_is_refused_and_frees_nothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache<long>("o");
        nint live = cache.Alloc();
        using (Rcu.Read())
        {
            Assert.Contains("read-side section", Assert.Throws<InvalidOperationException>(() => cache.Reset()).Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, cache.Snapshot().LiveObjects);
        cache.Free(live);

        KmemCache constructed = runtime.CreateCache<long, Recursive>("recursive");
        Recursive.Cache = constructed;
        Assert.Contains("constructor", Assert.Throws<InvalidOperationException>(() => constructed.Alloc()).Message, StringComparison.Ordinal);
        Recursive.Cache = null;

        KmemCache movable = runtime.CreateCache("movable", 1024);
        var objects = new List<nint>();
        Exception? refused = null;
        movable.SetMove((_, _) =>
        {
            refused ??= Record.Exception(() => movable.Reset());
            return SlabMoveReply.No;
        });
        for (int i = 0; i < 200; i++)
        {
            objects.Add(movable.Alloc());
        }

        for (int i = 0; i < 200; i++)
        {
            if (i % 4 != 0)
            {
                movable.Free(objects[i]);
            }
        }

        movable.Consolidate();
        Assert.Contains("move callback", Assert.IsType<InvalidOperationException>(refused).Message, StringComparison.Ordinal);
        Assert.Equal(50, movable.Reset());
    }

    [Fact]
    public void What_threads_at_rest_and_dead_ones_hold_comes_home()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("o", 64);
        var threads = new TestThreads();
        using var done = new CountdownEvent(3);
        using var end = new ManualResetEventSlim();
        var resting = new Thread[3];
        for (int i = 0; i < 3; i++)
        {
            resting[i] = threads.Start(() =>
            {
                nint[] own = new nint[500];
                cache.AllocBulk(own);
                foreach (nint address in own.AsSpan(0, 250))
                {
                    cache.Free(address);
                }

                done.Signal();
                end.Wait(TestContext.Current.CancellationToken);
                cache.Free(cache.Alloc()); // after it: the cache serves on
            });
        }

        TestThreads.Run(1, _ => cache.Free(cache.Alloc()));
        Assert.True(done.Wait(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken));
        threads.WaitUntil(() => Array.TrueForAll(resting, thread => (thread.ThreadState & ThreadState.WaitSleepJoin) != 0), "they rest");
        Assert.Equal(750, cache.Reset());
        Assert.Equal(0, cache.Snapshot().Bytes);
        end.Set();
        threads.Join();
        TestRuntime.CheckHealth(runtime);
        Assert.True(cache.Destroy().IsClean);
    }

    [Fact]
    public void A_thread_that_only_computes_keeps_at_most_one_object_which_is_its_own_still()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("o", 64);
        var threads = new TestThreads();
        bool ready = false, stop = false;
        var got = new List<nint>();
        threads.Start(() =>
        {
            cache.Free(cache.Alloc()); // a magazine with some in it
            Volatile.Write(ref ready, true);
            while (!Volatile.Read(ref stop) && !threads.HasFailed)
            {
                Thread.SpinWait(10);
            }

            for (int i = 0; i < 1000; i++)
            {
                got.Add(cache.Alloc());
            }
        });
        threads.WaitUntil(() => Volatile.Read(ref ready), "it has a magazine");
        nint[] live = new nint[2000];
        cache.AllocBulk(live);
        Assert.Equal(2000, cache.Reset());
        CacheSnapshot now = cache.Snapshot();
        Assert.Equal(0, now.LiveObjects);
        Assert.InRange(now.CachedObjects, 0, 1);
        Volatile.Write(ref stop, true);
        threads.Join();
        Assert.Equal(1000, got.Distinct().Count()); // none was handed out twice
        Assert.Equal(1000, cache.Snapshot().LiveObjects);
        TestRuntime.CheckHealth(runtime);
        cache.FreeBulk([.. got]);
    }

    [Fact]
    public void A_thread_that_used_the_cache_meanwhile_is_named_and_nothing_is_freed()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint live = cache.Alloc();
        Assert.Null(cache.Magazines.Drain(close: false, out _)); // as Reset begins
        cache.Free(cache.Alloc());
        bool committed = false;
        string message = Assert.Throws<InvalidOperationException>(() => cache.Magazines.Reset(clear: false, () => committed = true)).Message;
        Assert.Contains($"thread {Environment.CurrentManagedThreadId} used it", message, StringComparison.Ordinal);
        Assert.False(committed);
        Assert.Equal(1, cache.Snapshot().LiveObjects);
        cache.Free(live); // no gate was left shut
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Calls_against_the_contract_are_refused_or_come_before_or_after_and_break_nothing()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("o", 64);
        var threads = new TestThreads();
        bool stop = false;
        for (int i = 0; i < 2; i++)
        {
            threads.Start(() =>
            {
                while (!Volatile.Read(ref stop) && !threads.HasFailed)
                {
                    for (int j = 0; j < 50; j++)
                    {
                        cache.TryAlloc(out _); // and never freed: only Reset does
                    }

                    Thread.Yield();
                }
            });
        }

        int refused = 0;
        for (int round = 0; round < 200; round++)
        {
            try
            {
                cache.Reset();
            }
            catch (InvalidOperationException error)
            {
                Assert.Contains("used it while", error.Message, StringComparison.Ordinal);
                refused++;
            }

            Assert.True(cache.Validate().IsClean, cache.Validate().ToString());
        }

        Volatile.Write(ref stop, true);
        threads.Join();
        cache.Reset();
        Assert.InRange(cache.Snapshot().CachedObjects, 0, 2); // of a thread that is just ending, at most one
        TestContext.Current.TestOutputHelper?.WriteLine($"{refused} of 200 were refused");
    }

    private sealed class Life : ISlabLife<long>
    {
        public static int Constructed, Destructed;

        public static bool Construct(ref long value)
        {
            Constructed++;
            value = 7;
            return true;
        }

        public static void Destruct(ref long value) => Destructed++;
    }

    private sealed class Thrower : ISlabLife<long>
    {
        private static bool s_thrown;

        public static bool Construct(ref long value) => true;

        public static void Destruct(ref long value)
        {
            if (!s_thrown)
            {
                s_thrown = true;
                throw new InvalidOperationException("enough");
            }
        }
    }

    private sealed class Recursive : ISlabLife<long>
    {
        public static KmemCache? Cache;

        public static bool Construct(ref long value)
        {
            Cache?.Reset();
            return true;
        }

        public static void Destruct(ref long value)
        {
        }
    }
}
