using System.Diagnostics;

namespace SlabGen.TraceReplay;

/// <summary>The passes over a trace with one allocator, and what each of them tells.</summary>
internal static class Replay
{
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_measuring = TimeSpan.FromSeconds(1.5);
    private const int MinimumRepeats = 5;
    private const int MaximumRepeats = 101;

    /// <exception cref="ReplayException">There is not enough memory, or the allocator reported an error.</exception>
    public static Report Run<TAllocator>(Trace trace)
        where TAllocator : struct, IAllocator
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

        // malloc promises more than there is; the kernel would end the process when the stamps are written.
        if (trace.PeakLiveBytes > available)
        {
            throw new ReplayException(
                ExitCode.OutOfMemory,
                $"{trace.Name}: record {trace.PeakRecord + 1}: out of memory, {trace.PeakLiveBytes} bytes are live and the machine or container has {available}");
        }

        try
        {
            return RunPasses<TAllocator>(trace);
        }
        catch (OutOfMemoryException exception)
        {
            throw new ReplayException(ExitCode.OutOfMemory, $"{trace.Name}: out of memory while replaying: {exception.Message}");
        }
        catch (Exception exception) when (exception is not ReplayException)
        {
            throw new ReplayException(ExitCode.Failure, $"{trace.Name}: the allocator failed: {exception.GetType().Name}: {exception.Message}");
        }
    }

    private static Report RunPasses<TAllocator>(Trace trace)
        where TAllocator : struct, IAllocator
    {
        var plan = new ReplayPlan(trace);
        var addresses = new nint[trace.ObjectCount];
        var checks = new StampChecks();
        var leftovers = new FreeLeftovers<TAllocator>(plan, addresses, checks);
        using ResidentMemory memory = ResidentMemory.Open();

        Rehearsal.Run<TAllocator>();
        using var threads = new ReplayThreads(trace.ThreadCount);

        // Pass 1: in the order of the trace. Memory is measured from here.
        var ordered = new OrderedVerification<TAllocator>(trace, addresses, checks, memory);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        threads.AwaitIdle();
        TAllocator.Shrink();
        memory.Start();
        threads.Run(ordered);
        long peakResident = memory.PeakGrowth;
        long peakCommitted = TAllocator.PeakCommittedBytes ?? peakResident;
        threads.Run(leftovers);
        threads.AwaitIdle();
        TAllocator.Shrink();
        long residentAfterShrink = memory.Growth;
        long committedAfterShrink = TAllocator.CommittedBytes ?? residentAfterShrink;

        // Pass 2: the threads run freely.
        Array.Clear(addresses);
        threads.Run(new ConcurrentVerification<TAllocator>(plan, addresses, checks));
        threads.Run(leftovers);

        double[] times = Measure<TAllocator>(threads, plan, addresses);

        return new Report
        {
            Trace = trace.Name,
            Allocator = TAllocator.DisplayName,
            Operations = trace.Records.Length,
            Threads = trace.ThreadCount,
            NanosecondsPerOperation = times[times.Length / 2] / trace.Records.Length,
            Repeats = times.Length,
            PeakLiveBytes = trace.PeakLiveBytes,
            PeakCommittedBytes = peakCommitted,
            CommittedBytesAfterShrink = committedAfterShrink,
            CountsItself = TAllocator.CommittedBytes is not null,
            ResidentIsKnown = memory.IsSupported,
            PeakResidentGrowth = peakResident,
            ResidentGrowthAfterShrink = residentAfterShrink,
            FirstWrongStamp = checks.FirstError,
        };
    }

    /// <summary>Replays without stamps until the code is tier-1 code, then returns the times of several replays in nanoseconds, sorted.</summary>
    private static double[] Measure<TAllocator>(ReplayThreads threads, ReplayPlan plan, nint[] addresses)
        where TAllocator : struct, IAllocator
    {
        var leftovers = new FreeLeftovers<TAllocator>(plan, addresses, checks: null);
        var times = new List<double>();
        bool warm = false;

        for (var clock = Stopwatch.StartNew(); ;)
        {
            Array.Clear(addresses);
            var replay = new TimedReplay<TAllocator>(plan, addresses);
            threads.Run(replay);
            threads.Run(leftovers);
            times.Add(replay.Elapsed.TotalNanoseconds);

            if (!warm && clock.Elapsed > s_warmUp)
            {
                warm = true;
                times.Clear();
                clock.Restart();
            }
            else if (warm && (times.Count >= MaximumRepeats || (times.Count >= MinimumRepeats && clock.Elapsed > s_measuring)))
            {
                times.Sort();
                return [.. times];
            }
        }
    }
}
