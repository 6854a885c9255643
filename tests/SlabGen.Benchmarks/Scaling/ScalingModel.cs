using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Benchmarks.Allocators;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.Benchmarks.Scaling;

/// <summary>
/// What the locks and the shared cache lines of an operation imply for processors that this machine has not: a model, not a measurement.
/// </summary>
/// <remarks>
/// <para>Measured on one thread: nanoseconds of an operation, how often it visits the depot and the slab lists (counted under their
/// locks), and what taking and releasing a free lock costs. Measured on two: how long a cache line takes from one processor to another.</para>
/// <para>Read off the code: the lines that a visit shares with other processors. A depot: the lock, the depot's counts, a shelf, the magazine's
/// header. The slab lists: the lock, the node's counts, the list's head, a slab's descriptor with the bitmap.</para>
/// <para>Assumed: every visit finds these lines at another processor as soon as there are two; operations are <c>1 / threads</c> of
/// the time apart, so that a lock serves one visit after the other and no faster; every processor is of its own core, on one socket. Magazines
/// grow under contention: <see cref="Grown"/> is the same with the largest ones.</para>
/// </remarks>
internal sealed record ScalingModel(string Workload, double Nanoseconds, double DepotVisits, double ListVisits, double LockNanoseconds, double LineNanoseconds)
{
    private const int DepotLines = 4, ListLines = 4, Operations = 2_000_000;

    /// <summary>Operations per microsecond of all threads together.</summary>
    public double Throughput(int processors)
    {
        if (processors == 1)
        {
            return 1000 / Nanoseconds;
        }

        double depot = LockNanoseconds + (DepotLines * LineNanoseconds), lists = LockNanoseconds + (ListLines * LineNanoseconds);
        double alone = Nanoseconds + (DepotVisits * DepotLines * LineNanoseconds) + (ListVisits * ListLines * LineNanoseconds);
        double serial = Math.Max(DepotVisits * depot, ListVisits * lists);
        return 1000 * Math.Min(processors / alone, serial == 0 ? double.PositiveInfinity : 1 / serial);
    }

    /// <summary>The same once contention has made the magazines as large as they get.</summary>
    public ScalingModel Grown()
    {
        int now = Object64Cache.Cache.Magazines.Rounds, most = now;
        while (Magazine.GrownRounds(most, Object64Cache.Cache.SlotSize) is var larger && larger != most)
        {
            most = larger;
        }

        double less = (double)now / most;
        return this with { Workload = $"{Workload}, magazines of {most} for {now}", DepotVisits = DepotVisits * less, ListVisits = ListVisits * less };
    }

    /// <summary>Measures one thread that allocates and frees <paramref name="batch"/> objects in turns.</summary>
    public static ScalingModel OfBatch(int batch, double lockNanoseconds, double lineNanoseconds)
    {
        var objects = new SlabPtr<Object64>[batch];
        TierOne.Reach([() => Run(objects.AsSpan(0, Math.Min(batch, TierOne.WarmUpIterations / 5)), Math.Max(1, TierOne.WarmUpIterations / 5 / batch))]);
        int rounds = Math.Max(100, Operations / batch);
        Run(objects, rounds);
        (long depot, long lists) = Visits();
        long start = Stopwatch.GetTimestamp();
        Run(objects, rounds);

        double operations = (double)rounds * batch;
        double nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / operations;
        (long depotAfter, long listsAfter) = Visits();
        return new ScalingModel($"batch{batch}", nanoseconds, (depotAfter - depot) / operations, (listsAfter - lists) / operations, lockNanoseconds, lineNanoseconds);

        static (long Depot, long Lists) Visits()
        {
            long depots = 0;
            foreach (var depot in Object64Cache.Cache.Magazines.Depots)
            {
                depots += depot.Visits;
            }

            return (depots, Object64Cache.Cache.Slabs.Visits);
        }
    }

    /// <summary>
    /// One thread allocates what another frees: each object is in one full magazine that one of them puts into the depot and the other takes from it, in two
    /// visits. By the arithmetic of the magazines; the time of an operation is that of a thread alone.
    /// </summary>
    public ScalingModel HandedOver() =>
        this with { Workload = "freed by another thread", DepotVisits = 2.0 / Object64Cache.Cache.Magazines.Rounds, ListVisits = 0 };

    /// <summary>Nanoseconds to take a free lock of the allocator and release it.</summary>
    public static double MeasureLock()
    {
        var held = new UninterruptibleLock();
        TierOne.Reach([() => Hold(held, TierOne.WarmUpIterations)]);
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 10_000; i++)
        {
            Hold(held, 100);
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / 1_000_000;
    }

    /// <summary>Nanoseconds for a line to come from another processor: half a round trip between two threads.</summary>
    public static double MeasureLine()
    {
        const int trips = 300_000;
        var line = new PaddedWord();
        var other = new Thread(() => Bounce(line, trips, parity: 1)) { IsBackground = true };
        long start = Stopwatch.GetTimestamp();
        other.Start();
        Bounce(line, trips, parity: 0);
        other.Join();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / (2.0 * trips);
    }

    private static void Bounce(PaddedWord line, int trips, int parity)
    {
        for (long turn = parity; turn < 2L * trips; turn += 2)
        {
            while (Volatile.Read(ref line.Word) != turn)
            {
            }

            Volatile.Write(ref line.Word, turn + 1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Hold(UninterruptibleLock held, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using (held.Hold())
            {
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Run(Span<SlabPtr<Object64>> objects, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < objects.Length; i++)
            {
                objects[i] = Object64Cache.Alloc();
            }

            for (int i = 0; i < objects.Length; i++)
            {
                Object64Cache.Free(objects[i]);
            }
        }
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private sealed class PaddedWord
    {
        [FieldOffset(128)]
        public long Word;
    }
}
