using System.Diagnostics;
using SlabGen.Collections;

namespace SlabGen.Benchmarks.Collections;

/// <summary>Nanoseconds to add a long, to read one by its index, to read one in a walk; and the longest addition, in microseconds.</summary>
internal sealed record ListFigures(double Add, double Read, double Walk, double LongestAdd);

/// <summary>Lists of longs, of both kinds.</summary>
internal static class ListRun
{
    public static ListFigures Slab(int items)
    {
        using var list = new SlabList<long>();
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < items; i++)
        {
            list.Add(i);
        }

        double add = Each(start, items);
        start = Stopwatch.GetTimestamp();
        long sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        double read = Each(start, items);
        start = Stopwatch.GetTimestamp();
        foreach (Span<long> segment in list.Segments)
        {
            foreach (long item in segment)
            {
                sum -= item;
            }
        }

        double walk = Each(start, items);
        Check(sum);
        using var timed = new SlabList<long>();
        return new ListFigures(add, read, walk, Longest(items, timed.Add));
    }

    public static ListFigures Bcl(int items)
    {
        var list = new List<long>();
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < items; i++)
        {
            list.Add(i);
        }

        double add = Each(start, items);
        start = Stopwatch.GetTimestamp();
        long sum = 0;
        for (int i = 0; i < list.Count; i++)
        {
            sum += list[i];
        }

        double read = Each(start, items);
        start = Stopwatch.GetTimestamp();
        foreach (long item in list)
        {
            sum -= item;
        }

        double walk = Each(start, items);
        Check(sum);
        return new ListFigures(add, read, walk, Longest(items, new List<long>().Add));
    }

    private static double Longest(int items, Action<long> add)
    {
        long longest = 0, last = Stopwatch.GetTimestamp();
        for (int i = 0; i < items; i++)
        {
            add(i);
            long now = Stopwatch.GetTimestamp();
            longest = Math.Max(longest, now - last);
            last = now;
        }

        return longest * 1e6 / Stopwatch.Frequency;
    }

    private static double Each(long start, int items) => Stopwatch.GetElapsedTime(start).TotalNanoseconds / items;

    private static void Check(long sum)
    {
        if (sum != 0)
        {
            throw new InvalidOperationException("The two walks read other items.");
        }
    }
}
