using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that a thread's death leaks nothing: not its magazines, not its place in the list. Catches what the literature
/// calls a bleeding allocator (mimalloc-bench's mleak and larson): magazines that only a collection, or nobody, takes home.
/// </summary>
public class DeadThreadsComeHome
{
    [Fact]
    public void Slabs_stay_bounded_without_a_collection_when_thousands_of_threads_come_and_go()
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("mleak", 128, new SlabCacheOptions { ReuseDistanceBytes = 0 }); // else 4 MB may wait, by design
        var keptAlive = new ConcurrentBag<ThreadCache>(); // so that no finalizer can run: only the next thread can help
        var handedOver = new ConcurrentQueue<nint>();

        long most = 0;
        for (int group = 0; group < 300; group++)
        {
            TestThreads.Run(10, _ =>
            {
                nint mine = cache.Alloc();
                handedOver.Enqueue(mine);
                keptAlive.Add(ThreadSlots.Peek(cache.Id)!);
            });

            while (handedOver.TryDequeue(out nint theirs))
            {
                cache.Free(theirs);
            }

            most = Math.Max(most, cache.Snapshot().Objects);
        }

        // 3000 threads took at least 16 objects each from the slabs; what stays is what some 20 of them hold.
        Assert.True(most < 1000, $"{most} objects were carved for 10 threads at a time.");
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.False(cache.Shrink());
        runtime.Dispose();
        GC.KeepAlive(keptAlive);
    }

    [Fact]
    public void A_collection_brings_everything_home_when_no_thread_comes_after()
    {
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("orphans", 64, new SlabCacheOptions { MagazineRounds = 20 });
        FillMagazinesAndDie(cache);
        Assert.True(cache.Snapshot().CachedObjects >= 20, "The threads left nothing behind to take home.");

        for (int i = 0; i < 20 && cache.Snapshot().CachedObjects > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        CacheSnapshot after = cache.Snapshot();
        Assert.Equal(0, after.CachedObjects);
        Assert.Equal(0, after.LiveObjects);
        Assert.Equal(after.Slabs, after.EmptySlabs);
        Assert.False(cache.Shrink());
        runtime.Dispose();
    }

    /// <summary>larson: each thread owns slots, replaces objects in them, hands them to a successor and dies.</summary>
    [Fact]
    public void Threads_that_hand_over_to_a_successor_leak_nothing()
    {
        const int Slots = 500, Size = 64, Generations = 150;
        SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache("larson", Size);
        var stamps = new OwnerStamps(runtime, Size);
        var threads = new TestThreads();
        int done = 0;

        void Generation(nint[] slots, int lane, int generation)
        {
            var random = new Random((lane * Generations) + generation);
            for (int i = 0; i < 1000; i++)
            {
                int slot = random.Next(Slots);
                if (slots[slot] != 0)
                {
                    stamps.Release(slots[slot], ((long)lane << 32) + slot + 1);
                    cache.Free(slots[slot]);
                }

                slots[slot] = cache.Alloc();
                stamps.Claim(slots[slot], ((long)lane << 32) + slot + 1);
            }

            if (generation < Generations)
            {
                threads.Start(() => Generation(slots, lane, generation + 1));
                return;
            }

            cache.FreeBulk([.. slots.Where(address => address != 0)]);
            Interlocked.Increment(ref done);
        }

        for (int lane = 0; lane < 2; lane++)
        {
            int number = lane;
            threads.Start(() => Generation(new nint[Slots], number, 0));
        }

        threads.WaitUntil(() => Volatile.Read(ref done) == 2, "the last generation");
        threads.Join();

        long mostLive = 2 * Slots * Size, perThread = 3L * cache.Snapshot().MagazineRounds * Size;
        Assert.True(runtime.PeakCommittedBytes < mostLive + (20 * perThread), $"{runtime.PeakCommittedBytes} bytes for {mostLive} live.");
        Assert.Equal(0, cache.Snapshot().LiveObjects);
        Assert.False(cache.Shrink());
        runtime.Dispose();
    }

    // Not inlined, so that no reference to a dead thread stays in a register or a frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillMagazinesAndDie(KmemCache cache) => TestThreads.Run(50, _ =>
    {
        nint[] objects = new nint[30];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
    });
}
