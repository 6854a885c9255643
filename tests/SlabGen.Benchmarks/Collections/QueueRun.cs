using System.Collections.Concurrent;
using System.Diagnostics;
using SlabGen.Collections;

namespace SlabGen.Benchmarks.Collections;

/// <summary>Nanoseconds an item: put in and taken out by one thread, many at a time; from one thread to another; and the same of a
/// stack. The longest call to put one in, in microseconds.</summary>
internal sealed record QueueFigures(double Fill, double Between, double Stack, double Longest);

/// <summary>Queues and stacks of longs, of both kinds; between threads next to <see cref="ConcurrentQueue{T}"/>.</summary>
internal static class QueueRun
{
    public static QueueFigures Slab(int items)
    {
        TableRun.GiveBack();
        using var queue = new SlabQueue<long>();
        using var shared = new SlabQueue<long>(concurrent: true);
        using var stack = new SlabStack<long>();
        double fill = Fill(items, queue.Enqueue, queue.TryDequeue, out double longest);
        double stacked = Fill(items, stack.Push, stack.TryPop, out _);
        return new QueueFigures(fill, Between(items, shared.Enqueue, shared.TryDequeue), stacked, longest);
    }

    public static QueueFigures Bcl(int items)
    {
        TableRun.GiveBack();
        var queue = new Queue<long>();
        var shared = new ConcurrentQueue<long>();
        var stack = new Stack<long>();
        double fill = Fill(items, queue.Enqueue, queue.TryDequeue, out double longest);
        double stacked = Fill(items, stack.Push, stack.TryPop, out _);
        return new QueueFigures(fill, Between(items, shared.Enqueue, shared.TryDequeue), stacked, longest);
    }

    private delegate bool Take(out long item);

    /// <summary>Both kinds by delegates, so the figures have a call on both sides.</summary>
    private static double Fill(int items, Action<long> put, Take take, out double longest)
    {
        long most = 0, start = Stopwatch.GetTimestamp(), last = start;
        for (long i = 0; i < items; i++)
        {
            put(i);
            long now = Stopwatch.GetTimestamp();
            most = Math.Max(most, now - last);
            last = now;
        }

        longest = most * 1e6 / Stopwatch.Frequency;
        while (take(out _))
        {
        }

        start = Stopwatch.GetTimestamp();
        for (long i = 0; i < items; i++)
        {
            put(i);
        }

        long taken = 0;
        while (take(out _))
        {
            taken++;
        }

        Check(taken, items);
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / items;
    }

    private static double Between(int items, Action<long> put, Take take)
    {
        long start = Stopwatch.GetTimestamp();
        var producer = new Thread(() =>
        {
            for (long i = 0; i < items; i++)
            {
                put(i);
            }
        });
        producer.Start();
        for (long expected = 0; expected < items;)
        {
            if (take(out long item))
            {
                Check(item, expected++);
            }
            else
            {
                Thread.SpinWait(4);
            }
        }

        producer.Join();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / items;
    }

    private static void Check(long seen, long expected)
    {
        if (seen != expected)
        {
            throw new InvalidOperationException($"A queue or a stack gave {seen}, not {expected}.");
        }
    }
}
