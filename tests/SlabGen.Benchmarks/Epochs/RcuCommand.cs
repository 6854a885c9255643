using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace SlabGen.Benchmarks.Epochs;

/// <summary><c>rcu</c>: a read-side section, next to two accesses to thread-static fields, which is the least that one could cost.</summary>
internal static class RcuCommand
{
    private const int Runs = 21, Calls = 10_000;

    [ThreadStatic]
    private static long t_enter, t_leave;

    public static void Run()
    {
        Action<int>[] loops = [Sections, Accesses];
        TierOne.Reach([.. loops.Select(loop => (Action)(() => loop(TierOne.WarmUpIterations)))]);
        double[][] times = [new double[Runs], new double[Runs]];
        for (int run = 0; run < Runs; run++) // in turns, so that a noisy moment hits both
        {
            for (int loop = 0; loop < loops.Length; loop++)
            {
                long begin = Stopwatch.GetTimestamp();
                for (int call = 0; call < Calls; call++)
                {
                    loops[loop](TierOne.WarmUpIterations);
                }

                times[loop][run] = Stopwatch.GetElapsedTime(begin).TotalNanoseconds / ((double)Calls * TierOne.WarmUpIterations);
            }
        }

        double section = times[0].Order().ElementAt(Runs / 2), accesses = times[1].Order().ElementAt(Runs / 2);
        Console.WriteLine(Machine.Summary);
        Console.WriteLine($"A read-side section: {section:f2} ns; two thread-static accesses: {accesses:f2} ns; ratio {section / accesses:f2} (wanted: at most 2). Medians of {Runs} interleaved runs.");
    }

    private static void Sections(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Section();
        }
    }

    private static void Accesses(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Enter(i);
            Leave();
        }
    }

    // Not inlined, so that no look-up of the thread's fields moves out of the loop: a reader makes one to a section.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Section()
    {
        using (Rcu.Read())
        {
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Enter(long value) => Volatile.Write(ref t_enter, value);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Leave() => Volatile.Write(ref t_leave, 0);
}
