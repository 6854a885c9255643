using System.Diagnostics;
using SlabGen.Collections;

namespace SlabGen.Benchmarks.Collections;

/// <summary>Nanoseconds to add a key, to find one, to walk to the next entry, and to remove one.</summary>
internal sealed record SortedFigures(double Add, double Find, double Scan, double Remove);

/// <summary>Sorted maps of longs, of both kinds, with keys in no order.</summary>
internal static class SortedRun
{
    private const int Lookups = 1_000_000;

    public static SortedFigures Slab(int entries)
    {
        TableRun.GiveBack();
        using var map = new SlabSortedMap<long, long>();
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < entries; i++)
        {
            map.TryAdd(Key(i, entries), i);
        }

        double add = Each(start, entries);
        start = Stopwatch.GetTimestamp();
        long found = 0;
        for (int i = 0; i < Lookups; i++)
        {
            found += map.TryGetValue(Asked(i, entries), out _) ? 1 : 0;
        }

        double find = Each(start, Lookups);
        Check(found, Lookups);
        int walks = Math.Max(1, Lookups / entries);
        start = Stopwatch.GetTimestamp();
        long seen = 0;
        for (int walk = 0; walk < walks; walk++)
        {
            foreach ((long _, long value) in map)
            {
                seen += value;
            }
        }

        double scan = Each(start, entries * walks);
        Check(seen, (long)entries * (entries - 1) / 2 * walks);
        start = Stopwatch.GetTimestamp();
        for (long i = 0; i < entries; i++)
        {
            map.Remove(Key(i, entries));
        }

        return new SortedFigures(add, find, scan, Each(start, entries));
    }

    public static SortedFigures Bcl(int entries)
    {
        TableRun.GiveBack();
        var map = new SortedDictionary<long, long>();
        long start = Stopwatch.GetTimestamp();
        for (long i = 0; i < entries; i++)
        {
            map.TryAdd(Key(i, entries), i);
        }

        double add = Each(start, entries);
        start = Stopwatch.GetTimestamp();
        long found = 0;
        for (int i = 0; i < Lookups; i++)
        {
            found += map.TryGetValue(Asked(i, entries), out _) ? 1 : 0;
        }

        double find = Each(start, Lookups);
        Check(found, Lookups);
        int walks = Math.Max(1, Lookups / entries);
        start = Stopwatch.GetTimestamp();
        long seen = 0;
        for (int walk = 0; walk < walks; walk++)
        {
            foreach ((long _, long value) in map)
            {
                seen += value;
            }
        }

        double scan = Each(start, entries * walks);
        Check(seen, (long)entries * (entries - 1) / 2 * walks);
        start = Stopwatch.GetTimestamp();
        for (long i = 0; i < entries; i++)
        {
            map.Remove(Key(i, entries));
        }

        return new SortedFigures(add, find, scan, Each(start, entries));
    }

    /// <summary>Each number below the count once, in no order: the factor is a prime above all counts.</summary>
    private static long Key(long i, int entries) => i * 1_000_000_007 % entries;

    /// <summary>At random: of keys in a pattern the processor would learn the way through a small tree.</summary>
    private static long Asked(int i, int entries)
    {
        ulong x = (ulong)(i + 1) * 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        return (long)((x >> 32) * (ulong)entries >> 32);
    }

    private static double Each(long start, int entries) => Stopwatch.GetElapsedTime(start).TotalNanoseconds / entries;

    private static void Check(long seen, long expected)
    {
        if (seen != expected)
        {
            throw new InvalidOperationException($"A sorted map gave {seen}, not {expected}.");
        }
    }
}
