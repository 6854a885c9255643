using System.Collections.Concurrent;
using System.Diagnostics;
using SlabGen.Collections;

namespace SlabGen.Benchmarks.Collections;

/// <summary>A dictionary for many threads.</summary>
internal interface ISharedTable : IDisposable
{
    /// <summary>The values of keys that are there.</summary>
    void Look(ReadOnlySpan<long> keys, Span<long> values);

    void Set(long key, long value);

    bool Remove(long key);
}

/// <summary>What one run beside a writer gave: nanoseconds of the clock per operation of all threads of a
/// kind.</summary>
internal sealed record SharedFigures(double Read, double Write);

/// <summary>Both kinds beside a writer.</summary>
internal static class SharedRun
{
    public static void InTurns(int entries, SharedFigures[] slab, SharedFigures[] many, SharedFigures[] bcl)
    {
        for (int round = 0; round < slab.Length; round++)
        {
            TableRun.GiveBack();
            using (var table = new SharedSlabTable())
            {
                slab[round] = SharedRun<SharedSlabTable>.Run(table, entries, TimeSpan.FromSeconds(1));
            }

            TableRun.GiveBack();
            using (var table = new SharedSlabTable { LooksTogether = true })
            {
                many[round] = SharedRun<SharedSlabTable>.Run(table, entries, TimeSpan.FromSeconds(1));
            }

            TableRun.GiveBack();
            using (var table = new SharedBclTable())
            {
                bcl[round] = SharedRun<SharedBclTable>.Run(table, entries, TimeSpan.FromSeconds(1));
            }
        }
    }
}

/// <summary>
/// Two readers look keys up at random, while one writer removes and adds keys at random without a
/// pause. All keys that are looked up stay.
/// </summary>
internal static class SharedRun<TTable>
    where TTable : class, ISharedTable
{
    private const int Readers = 2, Batch = 64, Together = 16;

    public static SharedFigures Run(TTable table, int entries, TimeSpan time)
    {
        for (int i = 0; i < entries * 2; i++)
        {
            table.Set(i, i);
        }

        var figures = new long[3][];
        bool ends = false;
        using var together = new Barrier(Readers + 1);
        var threads = new Thread[Readers + 1];
        for (int i = 0; i < threads.Length; i++)
        {
            int number = i;
            figures[i] = new long[32]; // no line with another's
            threads[i] = new Thread(() =>
            {
                together.SignalAndWait();
                uint random = (uint)number + 1;
                while (!Volatile.Read(ref ends))
                {
                    figures[number][16] += number < Readers ? Read(ref random) : Write(ref random);
                }
            });
            threads[i].Start();
        }

        long start = Stopwatch.GetTimestamp();
        Thread.Sleep(time);
        Volatile.Write(ref ends, true);
        Array.ForEach(threads, thread => thread.Join());
        double elapsed = Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        return new SharedFigures(elapsed / (figures[0][16] + figures[1][16]), elapsed / figures[2][16]);

        long Read(ref uint random)
        {
            Span<long> keys = stackalloc long[Together], values = stackalloc long[Together];
            for (int i = 0; i < Batch; i += Together)
            {
                for (int j = 0; j < Together; j++)
                {
                    keys[j] = Next(ref random) * 2;
                }

                table.Look(keys, values);
                if (!keys.SequenceEqual(values))
                {
                    throw new InvalidOperationException($"{typeof(TTable).Name} lost a key that stays.");
                }
            }

            return Batch;
        }

        long Write(ref uint random)
        {
            for (int i = 0; i < Batch; i++)
            {
                long key = (Next(ref random) * 2) + 1;
                if (!table.Remove(key))
                {
                    table.Set(key, key);
                }
            }

            return Batch;
        }

        long Next(ref uint random)
        {
            random = (random * 1664525) + 1013904223;
            return (long)((ulong)random * (ulong)entries >> 32);
        }
    }
}

internal sealed class SharedSlabTable : ISharedTable
{
    private readonly RcuDictionary<long, long> _table = new();

    public bool LooksTogether { get; init; }

    public void Look(ReadOnlySpan<long> keys, Span<long> values)
    {
        if (LooksTogether)
        {
            Span<bool> found = stackalloc bool[keys.Length];
            _table.TryGetValues(keys, values, found);
            return;
        }

        for (int i = 0; i < keys.Length; i++)
        {
            _table.TryGetValue(keys[i], out values[i]);
        }
    }

    public void Set(long key, long value) => _table[key] = value;

    public bool Remove(long key) => _table.Remove(key);

    public void Dispose() => _table.Dispose();
}

internal sealed class SharedBclTable : ISharedTable
{
    private readonly ConcurrentDictionary<long, long> _table = new();

    public void Look(ReadOnlySpan<long> keys, Span<long> values)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            _table.TryGetValue(keys[i], out values[i]);
        }
    }

    public void Set(long key, long value) => _table[key] = value;

    public bool Remove(long key) => _table.TryRemove(key, out _);

    public void Dispose() => _table.Clear();
}
