using System.Diagnostics.CodeAnalysis;
using SlabGen.Caches;
using SlabGen.Memory;

namespace SlabGen.Tests.Caches;

/// <summary>
/// Running out at any single point breaks nothing: each scenario is run with the first request of a kind refused, then the second, until none is
/// left to refuse; once with that one alone, once with all that follow. What cannot be had is an <see cref="OutOfMemoryException"/>; every
/// invariant holds behind it; and what was had is freed and gone to the last page. What refuses is what users have for that: <see cref="SlabFaults"/>.
/// </summary>
public sealed class FaultInjectionTests
{
    public static MatrixTheoryData<string, FaultPoint, bool> Cases => new(FaultScenarios.All.Keys, Enum.GetValues<FaultPoint>(), [false, true]);

    public static MatrixTheoryData<string, bool> CasesOfPages => new(FaultScenarios.All.Keys, [false, true]);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Any_request_may_be_refused(string scenario, FaultPoint point, bool fromThenOn) => Sweep(scenario, point, fromThenOn);

    [Theory]
    [MemberData(nameof(CasesOfPages))]
    public void Any_request_for_pages_may_find_the_GC_heap_full(string scenario, bool fromThenOn) => Sweep(scenario, FaultPoint.Pages, fromThenOn, throws: true);

    /// <summary>A scenario that asks for nothing would prove nothing.</summary>
    [Theory]
    [InlineData(FaultPoint.Pages, 4)]
    [InlineData(FaultPoint.Commit, 3)]
    [InlineData(FaultPoint.Magazines, 1)]
    [InlineData(FaultPoint.Mlock, 1)]
    [InlineData(FaultPoint.Madvise, 1)]
    public void Every_scenario_asks_for_what_is_refused(FaultPoint point, int least)
    {
        foreach (string scenario in FaultScenarios.All.Keys)
        {
            using SlabRuntime runtime = MakeRuntime();
            using FaultInjection none = runtime.Faults.Inject(point, new FaultAttributes { Times = 0 });
            Run(runtime, scenario);
            bool needsNone = point == FaultPoint.Magazines && scenario is "reservations" or "mempools" or "whole pages"; // these go past magazines
            Assert.True(none.Asked >= least || needsNone, $"{scenario}: {none.Asked} requests");
        }
    }

    private static void Sweep(string scenario, FaultPoint point, bool fromThenOn, bool throws = false)
    {
        // Threads do not ask in the same order twice, and ask often: some of the numbers will do.
        int step = scenario == "threads" ? 7 : 1;
        for (long before = 0, failed = 1; failed > 0; before += step)
        {
            using SlabRuntime runtime = MakeRuntime();
            FaultInjection injection = runtime.Faults.Inject(
                point, new FaultAttributes { Space = before, Times = fromThenOn ? null : 1, Throws = throws });
            Run(runtime, scenario);
            failed = injection.Failed;
        }
    }

    private static SlabRuntime MakeRuntime() => new(new SlabRuntimeOptions
    {
        MemoryLimit = 4096L * Page.Size,
        Processors = 1,
        MinFreeBytes = 0,
        ReapInterval = Timeout.InfiniteTimeSpan,
        Pressure = TestRuntime.NoPressure,
        Normal = new ZoneOptions { Pinning = Pinning.Required },
        HighMem = new HighMemOptions { Bytes = 1 << 20 },
        Memory = new LocksAnything(),
    });

    private static void Run(SlabRuntime runtime, string scenario)
    {
        var holder = new Holder(runtime);
        FaultScenarios.All[scenario](holder);
        TestRuntime.CheckHealth(runtime);
        runtime.Shrink(); // what has no memory for it stays, and is not lost
        TestRuntime.CheckHealth(runtime);
        runtime.Faults.Clear();
        holder.FreeAll();
        TestRuntime.CheckHealth(runtime);
        foreach (KmemCache cache in runtime.Caches.ToArray())
        {
            Assert.False(cache.Shrink());
            Assert.Equal((0L, 0L), (cache.Snapshot().Bytes, cache.Snapshot().MetadataBytes));
        }

        Assert.Equal(0, runtime.Pages.CountUserBytes());
        Assert.Equal(0, runtime.Pages.UsedBytes);
        foreach (KmemCache cache in runtime.Caches.ToArray())
        {
            Assert.True(cache.TryDestroy(out FoundErrors found)); // those of a Kmalloc too
            Assert.False(found.Any);
            Assert.True(cache.Leak!.IsClean);
        }
    }

    /// <summary>The machine may permit less.</summary>
    private sealed class LocksAnything() : TestRuntime.DecoratedMemory(OsMemory.Current)
    {
        public override bool TryLock(nint address, long bytes, [NotNullWhen(false)] out string? refusal)
        {
            refusal = null;
            return true;
        }
    }
}
