using System.Globalization;

namespace SlabGen.Collections.Tests;

/// <summary>Queues and stacks: memory, misuse, and the two sides of a concurrent queue.</summary>
public sealed class QueueTests
{
    private static int Items => Environment.GetEnvironmentVariable("SLABGEN_QUEUE_ITEMS") is { } text
        ? int.Parse(text, CultureInfo.InvariantCulture) : 300_000;

    /// <summary>
    /// Two threads, and an item of several words, each of which is its number: one that is torn, lost, taken twice or out
    /// of its order is seen. The consumer rests now and then, so that rings are chained, and the producer does, so that
    /// it runs dry.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_producer_and_a_consumer_lose_nothing(bool isChecked)
    {
        using var world = new World(isChecked);
        using var queue = new SlabQueue<Stamp>(world.Memory, concurrent: true);
        int items = isChecked ? Items / 4 : Items;
        Exception? failure = null;
        bool stop = false;
        var producer = new Thread(() =>
        {
            for (long i = 0; i < items && !Volatile.Read(ref stop); i++)
            {
                queue.Enqueue(new Stamp(i));
                Rest(i, 4099);
            }
        });
        producer.Start();
        try
        {
            for (long i = 0; i < items; i++)
            {
                Stamp stamp;
                while (!queue.TryDequeue(out stamp))
                {
                    Assert.True(producer.IsAlive || queue.Count > 0, $"item {i} of {items} never came");
                    Thread.Yield();
                }

                Assert.True(stamp.Is(i), $"{stamp} came in the place of {i}");
                Assert.True(queue.Count >= 0 && queue.Bytes >= 0);
                Rest(i, 1031);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            Volatile.Write(ref stop, true);
        }

        producer.Join();
        Assert.Null(failure);
        Assert.False(queue.TryDequeue(out _));
        Assert.Empty(queue);
        Assert.True(world.LiveBlocks <= 1);

        static void Rest(long i, int often)
        {
            if (i % often == 0)
            {
                Thread.Sleep(0);
            }

            if (i % (often * 37) == 0)
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Walks and clearings by the consumer, with the producer at work.</summary>
    [Fact]
    public void A_consumer_walks_and_clears_while_items_come()
    {
        using var world = new World(isChecked: false);
        using var queue = new SlabQueue<Stamp>(world.Memory, concurrent: true);
        int items = Items / 3;
        var producer = new Thread(() =>
        {
            for (long i = 0; i < items; i++)
            {
                queue.Enqueue(new Stamp(i));
            }
        });
        producer.Start();
        long least = 0; // what comes is not below it
        for (int round = 0; producer.IsAlive || queue.Count > 0; round++)
        {
            long expected = -1;
            foreach (Stamp stamp in queue)
            {
                Assert.True(expected < 0 ? stamp.Number >= least : stamp.Number == expected);
                Assert.True(stamp.Is(stamp.Number));
                expected = stamp.Number + 1;
            }

            if (round % 3 == 0)
            {
                queue.Clear();
                least = Math.Max(least, expected); // all that was walked over is gone
            }

            for (int i = 0; i < 100 && queue.TryDequeue(out Stamp taken); i++)
            {
                Assert.True(taken.Number >= least && taken.Is(taken.Number));
                least = taken.Number + 1;
            }
        }

        producer.Join();
        Assert.Empty(queue);
    }

    /// <summary>A second producer is found, and the consumer is none.</summary>
    [Fact]
    public void Each_side_of_a_concurrent_queue_is_for_one_thread_at_a_time()
    {
        using var world = new World(isChecked: true);
        using var queue = new SlabQueue<int>(world.Memory, concurrent: true);
        using var inside = new ManualResetEventSlim();
        using var done = new ManualResetEventSlim();
        int fit = 0;
        using (new FailAllocations(nth: 1))
        {
            while (queue.TryEnqueue(fit))
            {
                fit++;
            }
        }

        var producer = new Thread(() =>
        {
            using var asked = new FailAllocations(int.MaxValue)
            {
                WhenAsked = () =>
                {
                    inside.Set();
                    done.Wait();
                },
            };
            queue.Enqueue(fit);
        });
        producer.Start();
        inside.Wait(TestContext.Current.CancellationToken);
        try
        {
            Assert.Throws<InvalidOperationException>(() => queue.Enqueue(7));
            Assert.Throws<InvalidOperationException>(queue.Dispose);
            Assert.Equal(0, queue.Dequeue());
            Assert.Equal(1, queue.Peek());
        }
        finally
        {
            done.Set();
            producer.Join();
        }

        Assert.Equal(Enumerable.Range(1, fit), queue);
    }

    [Fact]
    public void A_short_queue_and_a_short_stack_take_and_give_nothing()
    {
        using var world = new World(isChecked: false);
        using var queue = new SlabQueue<long>(world.Memory);
        using var stack = new SlabStack<long>(world.Memory);
        Turn();
        (long queued, long stacked) = (queue.Bytes, stack.Bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
        {
            Turn();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal((queued, stacked), (queue.Bytes, stack.Bytes));

        void Turn()
        {
            for (int i = 0; i < 20; i++)
            {
                queue.Enqueue(i);
                stack.Push(i);
            }

            for (int i = 0; i < 20; i++)
            {
                queue.Dequeue();
                stack.Pop();
            }
        }
    }

    [Fact]
    public void Memory_of_a_queue_and_a_stack_follows_the_items()
    {
        using var world = new World(isChecked: false);
        using var queue = new SlabQueue<long>(world.Memory);
        using var stack = new SlabStack<long>(world.Memory);
        const int Many = 200_000, Most = 3 * (64 << 10);
        for (int i = 0; i < Many; i++)
        {
            queue.Enqueue(i);
            stack.Push(i);
        }

        for (int left = Many - 1; left >= 0; left--)
        {
            queue.Dequeue();
            stack.Pop();
            Assert.True(queue.Bytes <= (left * 9L) + Most && stack.Bytes <= (left * 9L) + Most);
        }

        queue.TrimExcess();
        stack.TrimExcess();
        Assert.Equal((0L, 0L, 0L), (queue.Bytes, stack.Bytes, world.LiveBlocks));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_of_a_queue_or_a_stack_ends_an_enumeration(bool isChecked)
    {
        using var world = new World(isChecked);
        using var queue = new SlabQueue<int>(world.Memory);
        using var stack = new SlabStack<int>(world.Memory);
        for (int i = 0; i < 1000; i++)
        {
            queue.Enqueue(i);
            stack.Push(i);
        }

        foreach (Action change in (Action[])[() => queue.Enqueue(1), () => queue.Dequeue(), queue.Clear, queue.Dispose])
        {
            SlabQueue<int>.Enumerator walk = queue.GetEnumerator();
            walk.MoveNext();
            change();
            Assert.ThrowsAny<InvalidOperationException>(() => walk.MoveNext());
        }

        foreach (Action change in (Action[])[() => stack.Push(1), () => stack.Pop(), stack.Clear, stack.Dispose])
        {
            SlabStack<int>.Enumerator walk = stack.GetEnumerator();
            walk.MoveNext();
            change();
            Assert.ThrowsAny<InvalidOperationException>(() => walk.MoveNext());
        }
    }

    [Fact]
    public void Misuse_of_a_queue_and_a_stack_is_found()
    {
        using var world = new World(isChecked: false);
        var queue = new SlabQueue<int>(world.Memory);
        var stack = new SlabStack<int>(world.Memory);
        Assert.Throws<InvalidOperationException>(() => queue.Dequeue());
        Assert.Throws<InvalidOperationException>(() => queue.Peek());
        Assert.Throws<InvalidOperationException>(() => stack.Pop());
        Assert.Throws<InvalidOperationException>(() => stack.Peek());
        queue.Enqueue(1);
        stack.Push(1);
        queue.Dispose();
        stack.Dispose();
        Assert.False(queue.TryDequeue(out _) || stack.TryPop(out _));
        Assert.Equal(0, queue.Count + stack.Count);
        Assert.Throws<ObjectDisposedException>(() => queue.Enqueue(1));
        Assert.Throws<ObjectDisposedException>(() => queue.Dequeue());
        Assert.Throws<ObjectDisposedException>(() => stack.Push(1));
        Assert.Throws<ObjectDisposedException>(() => stack.Pop());
    }

    private readonly struct Stamp(long number)
    {
        public readonly long Number = number;
        private readonly long _second = number, _third = ~number;

        public bool Is(long number) => Number == number && _second == number && _third == ~number;

        public override string ToString() => $"{Number}/{_second}/{~_third}";
    }
}
