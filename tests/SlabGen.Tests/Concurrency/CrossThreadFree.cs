using System.Collections.Concurrent;
using SlabGen.Magazines;

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that objects which one thread allocates and another frees find their way back: memory stays within what is in
/// flight, the reuse distance and the depot's bound, however much flows. Catches frees that pile up with the thread that
/// frees (mimalloc-bench's xmalloc-test is about nothing else), and a depot that grows without end.
/// </summary>
public class CrossThreadFree
{
    private const int Size = 64, Batch = 512, QueuedBatches = 8;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(3, 1)]
    public void Memory_stays_bounded_however_much_flows(int producers, int consumers)
    {
        const int Distance = 256 << 10, Depot = 512 << 10, Flows = 2_000_000;
        SlabRuntime runtime = TestRuntime.OfPages(1 << 14);
        KmemCache cache = runtime.CreateCache("flow", Size, new SlabCacheOptions { DepotBytes = Depot, ReuseDistanceBytes = Distance });
        var stamps = new OwnerStamps(runtime, Size);
        using var queue = new BlockingCollection<nint[]>(QueuedBatches);
        int producing = producers;

        TestThreads.Run(producers + consumers, number =>
        {
            if (number >= producers)
            {
                foreach (nint[] batch in queue.GetConsumingEnumerable())
                {
                    for (int i = 0; i < Batch; i++)
                    {
                        stamps.Release(batch[i], batch[i]);
                        cache.Free(batch[i]);
                    }
                }

                return;
            }

            for (int sent = 0; sent < Flows / producers; sent += Batch)
            {
                nint[] batch = new nint[Batch];
                for (int i = 0; i < Batch; i++)
                {
                    batch[i] = cache.Alloc();
                    stamps.Claim(batch[i], batch[i]);
                }

                queue.Add(batch);
            }

            if (Interlocked.Decrement(ref producing) == 0)
            {
                queue.CompleteAdding();
            }
        });

        CacheSnapshot after = cache.Snapshot();
        long magazine = (long)after.MagazineRounds * Size;
        int threads = producers + consumers;
        long bound = ((long)(QueuedBatches + threads) * Batch * Size) // in flight
            + Distance + (threads * 4 * magazine)                     // waiting in the depot and with the threads
            + (64 << 10);                                             // slabs begun, magazines, descriptors
        Assert.True(runtime.PeakCommittedBytes <= bound * 5 / 4, $"{runtime.PeakCommittedBytes} bytes at the peak, {bound} expected, while {(long)Flows * Size} bytes flowed.");
        Assert.Equal(0, after.LiveObjects);
        Assert.False(cache.Shrink());
        runtime.Dispose();
    }

    [Fact]
    public void The_depot_keeps_no_more_than_its_bound_of_what_others_free()
    {
        const int Depot = 128 << 10;
        SlabRuntime runtime = TestRuntime.OfPages(1 << 14);
        KmemCache cache = runtime.CreateCache("bound", Size, new SlabCacheOptions { DepotBytes = Depot });
        nint[] objects = new nint[60_000];
        cache.AllocBulk(objects);
        TestThreads.Run(3, number => cache.FreeBulk(objects.AsSpan(number * 20_000, 20_000)));

        CacheSnapshot after = cache.Snapshot();
        Assert.InRange(after.FullMagazines, 1, Depot / (after.MagazineRounds * Size));
        Assert.True(after.CachedObjects * Size <= Depot + (4L * 2 * after.MagazineRounds * Size), $"{after.CachedObjects} objects are cached.");
        Assert.Equal(0, after.LiveObjects);
        Assert.False(cache.Shrink());
        runtime.Dispose();
    }
}
