using System.Collections.Concurrent;

#pragma warning disable xUnit1051 // calls without a token are what is tested

namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Many takers of few elements, blocking, asynchronous, timed and cancelled: an element has one owner at a time, nobody waits
/// in vain, and in the end every element is there.
/// </summary>
public sealed class MempoolStress
{
    private const int Elements = 3;

    [Fact]
    public unsafe void ManyTakers_OfFewElements()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long>("o", new SlabCacheOptions { MaxObjects = Elements });
        var pool = new Mempool(cache, Elements) { RetryInterval = TimeSpan.FromHours(1) }; // a lost wake-up would wait that long
        nint[] all = [pool.Alloc(), pool.Alloc(), pool.Alloc()];
        foreach (nint element in all)
        {
            *(long*)element = 0;
            pool.Free(element);
        }

        long until = Environment.TickCount64 + (long)TestThreads.StressTime.TotalMilliseconds, taken = 0, ended = 0;
        TestThreads.Run(8, number =>
        {
            var random = new Random(number);
            while (Environment.TickCount64 < until)
            {
                nint element;
                try
                {
                    switch (random.Next(4))
                    {
                        case 0:
                            element = pool.Alloc();
                            break;
                        case 1:
                            element = pool.Alloc(TimeSpan.FromMilliseconds(random.Next(2)));
                            break;
                        case 2:
                            using (var soon = new CancellationTokenSource(random.Next(2)))
                            {
                                element = pool.AllocAsync(soon.Token).AsTask().GetAwaiter().GetResult();
                            }

                            break;
                        default:
                            element = pool.AllocAsync().AsTask().GetAwaiter().GetResult();
                            break;
                    }
                }
                catch (Exception end) when (end is TimeoutException or OperationCanceledException)
                {
                    Interlocked.Increment(ref ended);
                    continue;
                }

                Interlocked.Increment(ref taken);
                Assert.Equal(0, Interlocked.Exchange(ref *(long*)element, number + 1));
                if (random.Next(8) == 0)
                {
                    Thread.Yield();
                }

                Assert.Equal(number + 1, Interlocked.Exchange(ref *(long*)element, 0));
                pool.Free(element);
            }
        });

        Assert.True(taken > 1000, $"only {taken} were taken");
        Assert.True(ended > 0);
        Assert.Equal((Elements, 0, 0), (pool.Count, pool.Waiters, pool.Outstanding));
        pool.Dispose();
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void OneProducer_FreesOnAnotherThread_WhileThePoolIsResized()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<long>("o", new SlabCacheOptions { MaxObjects = 12 });
        var pool = new Mempool(cache, 4) { RetryInterval = TimeSpan.FromMilliseconds(10) }; // what a resize gives back wakes nobody
        using var handed = new BlockingCollection<nint>(4);
        long until = Environment.TickCount64 + (long)TestThreads.StressTime.TotalMilliseconds;
        var threads = new TestThreads();
        threads.Start(() =>
        {
            while (Environment.TickCount64 < until)
            {
                handed.Add(pool.Alloc());
            }

            handed.CompleteAdding();
        });
        threads.Start(() =>
        {
            foreach (nint element in handed.GetConsumingEnumerable())
            {
                pool.Free(element);
            }
        });
        threads.Start(() =>
        {
            var random = new Random(1);
            while (Environment.TickCount64 < until)
            {
                try
                {
                    pool.Resize(random.Next(1, 8));
                }
                catch (OutOfMemoryException)
                {
                }
            }
        });
        threads.Join();
        Assert.Equal((0, 0), (pool.Outstanding, pool.Waiters));
        pool.Dispose();
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }
}
