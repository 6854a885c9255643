namespace SlabGen.TraceReplay;

/// <summary>
/// Runs the first pass over a few small objects until its code is compiled for good: the JIT's own memory comes from malloc
/// as well and would count as growth of the process.
/// </summary>
internal static class Rehearsal
{
    private const int Objects = 64;

    public static void Run<TAllocator>()
        where TAllocator : struct, IAllocator
    {
        var trace = new Trace
        {
            Name = "rehearsal",
            Records = [.. Enumerable.Range(0, Objects * 2).Select(i => new TraceRecord(i / 2, Thread: 0, Frees: i % 2 == 1, Size: 60))],
            ObjectCount = Objects,
            ThreadCount = 1,
            PeakLiveBytes = 60,
            PeakRecord = 0,
        };
        var addresses = new nint[Objects];
        var checks = new StampChecks();
        using ResidentMemory memory = ResidentMemory.Open();
        using var threads = new ReplayThreads(1);

        // Two rounds of counted calls, each with the pause after which the runtime compiles: instrumented code, then tier 1.
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < 40; i++)
            {
                threads.Run(new OrderedVerification<TAllocator>(trace, addresses, checks, memory));
            }

            TAllocator.Shrink();
            Thread.Sleep(150);
        }
    }
}
