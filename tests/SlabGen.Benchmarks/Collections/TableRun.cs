using System.Diagnostics;
using System.Runtime;
using SlabGen.Benchmarks.Memory;

namespace SlabGen.Benchmarks.Collections;

/// <summary>What one life of a dictionary took. Times are nanoseconds per entry, but the pause:
/// microseconds.</summary>
/// <param name="LongestInserts">The longest of each <see cref="TableRun.Block"/> insertions, in microseconds.</param>
internal sealed record TableFigures(
    double Insert, double Lookup, double Miss, double Remove, float[] LongestInserts, double CollectorPause,
    double BytesPerEntry, double BytesAtLeast, double BytesLeft);

/// <summary>The longest insertion of some runs.</summary>
internal static class TableRun
{
    /// <summary>Insertions of which the longest counts.</summary>
    public const int Block = 1024;

    /// <summary>
    /// What every run has, at the same place: a table grows at the same entry each time. What the machine does meanwhile,
    /// tens of milliseconds where it is shared, comes at another place each time.
    /// </summary>
    public static double LongestOf(IReadOnlyList<float[]> runs) =>
        Enumerable.Range(0, runs[0].Length).Max(block => runs.Min(run => run[block]));

    /// <summary>Each side at its best: what the collector and the slabs keep for later belongs to nobody.</summary>
    public static void GiveBack()
    {
        GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        SlabRuntime.Default.Shrink();
    }
}

/// <summary>One life of a dictionary of either kind: filled, asked, emptied.</summary>
internal static class TableRun<TTable>
    where TTable : struct, ITable
{
    private const int Lookups = 4_000_000;

    public static TableFigures Run(int entries, Func<TTable> make)
    {
        TableRun.GiveBack();
        long before = ResidentMemory.Read().Total;

        // Small ones are filled often, or the clock is all that is seen.
        int lives = Math.Max(1, 2_000_000 / entries);
        TTable table = make();
        long start = Stopwatch.GetTimestamp();
        Fill(table, entries);
        for (int life = 1; life < lives; life++)
        {
            table.Dispose();
            table = make();
            Fill(table, entries);
        }

        double insert = Nanoseconds(start) / entries / lives;
        double pause = Pause();
        double bytes = (double)(ResidentMemory.Read().Total - before) / entries;
        Look(table, entries, 0, Math.Min(entries, 100_000));
        start = Stopwatch.GetTimestamp();
        long found = Look(table, entries, 0, Lookups);
        double lookup = Nanoseconds(start) / Lookups;
        start = Stopwatch.GetTimestamp();
        long missed = Look(table, entries, 1, Lookups);
        double miss = Nanoseconds(start) / Lookups;
        if (found != Lookups || missed != 0)
        {
            throw new InvalidOperationException($"{TTable.Name} found {found} and {missed} of {Lookups}.");
        }

        TableRun.GiveBack();
        double least = (double)(ResidentMemory.Read().Total - before) / entries;
        start = Stopwatch.GetTimestamp();
        Empty(table, entries);
        double remove = Nanoseconds(start) / entries;
        TableRun.GiveBack();
        double left = (double)(ResidentMemory.Read().Total - before) / entries;
        GC.KeepAlive(table);
        table.Dispose();
        using TTable timed = make();
        return new TableFigures(insert, lookup, miss, remove, Longest(timed, entries), pause, bytes, least, left);
    }

    private static void Fill(TTable table, int entries)
    {
        for (long i = 0; i < entries; i++)
        {
            table.TryAdd(Key(i), i);
        }
    }

    private static long Look(TTable table, int entries, long other, int lookups)
    {
        uint random = 1;
        long found = 0;
        for (int i = 0; i < lookups; i++)
        {
            random = (random * 1664525) + 1013904223;
            found += table.TryGetValue(Key((long)((ulong)random * (ulong)entries >> 32)) + other, out _) ? 1 : 0;
        }

        return found;
    }

    private static void Empty(TTable table, int entries)
    {
        for (long i = 0; i < entries; i++)
        {
            table.Remove(Key(i));
        }
    }

    private static float[] Longest(TTable table, int entries)
    {
        TableRun.GiveBack();
        var longest = new float[(entries / TableRun.Block) + 1];
        long last = Stopwatch.GetTimestamp();
        for (long i = 0; i < entries; i++)
        {
            table.TryAdd(Key(i), i);
            long now = Stopwatch.GetTimestamp();
            ref float most = ref longest[i / TableRun.Block];
            most = Math.Max(most, (now - last) * 1e6f / Stopwatch.Frequency);
            last = now;
        }

        return longest;
    }

    /// <summary>A collection of all generations, while the table lives.</summary>
    private static double Pause()
    {
        TimeSpan before = GC.GetTotalPauseDuration();
        GC.Collect();
        return (GC.GetTotalPauseDuration() - before).TotalMicroseconds;
    }

    /// <summary>No two are equal, none is even, and they are in no order.</summary>
    private static long Key(long i) => (long)((ulong)i * 0x9E3779B97F4A7C15 >> 8 << 1);

    private static double Nanoseconds(long start) => Stopwatch.GetElapsedTime(start).TotalNanoseconds;
}
