using SlabGen.Memory;

namespace SlabGen.Fuzz;

/// <summary>
/// How many objects a cache says are live. A snapshot stops no thread: an object on its way into its slab is in none of the numbers that are subtracted. So
/// another number than the model's is believed at once where nobody is at work; where somebody is, when they have ended.
/// </summary>
internal static class LiveCount
{
    private const int Tries = 60_000; // of a millisecond: the library's threads end their work in that time, also on a busy machine

    /// <param name="runtime">The runtime, whose background reclaim may be at work.</param>
    /// <param name="cache">One of its caches.</param>
    /// <param name="expected">What the model says.</param>
    /// <param name="defers">Whether objects may be on the thread that waits for readers.</param>
    public static CacheSnapshot Read(SlabRuntime runtime, KmemCache cache, long expected, bool defers)
    {
        OnDemandThread worker = runtime.Background.Worker;
        for (int i = 0; ; i++)
        {
            (bool runs, long passes) = (worker.Runs, worker.Passes);
            CacheSnapshot snapshot = cache.Snapshot();
            bool atWork = runs || worker.Runs || worker.Passes != passes;
            if (snapshot.LiveObjects == expected || i == Tries || !(atWork || defers))
            {
                return snapshot;
            }

            if (atWork)
            {
                Thread.Sleep(1);
            }
            else
            {
                Rcu.Barrier();
                defers = false;
            }
        }
    }
}
