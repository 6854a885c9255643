using System.Diagnostics;
using System.Runtime;

namespace SlabGen.Benchmarks;

/// <summary>Brings code to the JIT's last tier before it is measured.</summary>
internal static class TierOne
{
    /// <summary>
    /// So few that no call is replaced on the stack: that takes 1000 iterations, of all loops of the method together
    /// (<c>TC_OnStackReplacement_InitialCounter</c>).
    /// </summary>
    public const int WarmUpIterations = 250;

    private const int CallsPerRound = 100; // call counting asks for 30, before instrumentation and after
    private static readonly TimeSpan s_background = TimeSpan.FromMilliseconds(200); // the timer of call counting is 100 ms

    /// <summary>
    /// Makes short calls, waits for call counting and background compilation, and again, until the JIT compiled nothing more
    /// in some rounds, or it were <paramref name="maxRounds"/>.
    /// </summary>
    /// <param name="timePerRound">How long each is called in a round, if its calls are not so short.</param>
    /// <param name="quietRounds">How many rounds without a compilation are enough.</param>
    public static void Reach(IReadOnlyList<Action> calls, TimeSpan timePerRound, int maxRounds = 20, int quietRounds = 2)
    {
        int quiet = 0;
        for (int round = 0; round < maxRounds && quiet < quietRounds; round++)
        {
            long before = JitInfo.GetCompiledMethodCount();
            foreach (Action call in calls)
            {
                long start = Stopwatch.GetTimestamp();
                for (int i = 0; i < CallsPerRound && Stopwatch.GetElapsedTime(start) < timePerRound; i++)
                {
                    call();
                }
            }

            Thread.Sleep(s_background);
            quiet = JitInfo.GetCompiledMethodCount() == before ? quiet + 1 : 0;
        }
    }

    /// <inheritdoc cref="Reach(IReadOnlyList{Action}, TimeSpan, int, int)"/>
    public static void Reach(IReadOnlyList<Action> calls) => Reach(calls, TimeSpan.FromMilliseconds(100));
}
