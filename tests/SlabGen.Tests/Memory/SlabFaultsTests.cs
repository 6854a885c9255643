using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Memory;

/// <summary>Proves which requests are refused by which attributes, and what then happens to a program. Catches a fault that is injected elsewhere, never, or for ever.</summary>
public sealed class SlabFaultsTests
{
    [Fact]
    public void By_default_every_request_is_refused() => Assert.Equal([1, 2, 3, 4, 5, 6], Refused(new FaultAttributes(), 6));

    [Fact]
    public void An_interval_a_space_and_a_number_of_times_are_the_kernels()
    {
        Assert.Equal([3, 6, 9], Refused(new FaultAttributes { Interval = 3 }, 10));
        Assert.Equal([3, 6], Refused(new FaultAttributes { Interval = 3, Times = 2 }, 20));
        Assert.Equal([5, 6, 7], Refused(new FaultAttributes { Space = 4 }, 7));
        Assert.Equal([6, 8], Refused(new FaultAttributes { Space = 4, Interval = 2, Times = 2 }, 20));
        Assert.Empty(Refused(new FaultAttributes { Times = 0 }, 20));
    }

    [Fact]
    public void A_probability_is_in_percent_and_a_seed_repeats_its_choice()
    {
        var tenth = new FaultAttributes { Probability = 10, Seed = 1 };
        int[] refused = Refused(tenth, 10_000);
        Assert.InRange(refused.Length, 850, 1150);
        Assert.Equal(refused, Refused(tenth, 10_000));
        Assert.NotEqual(refused, Refused(tenth with { Seed = 2 }, 10_000));
        Assert.Empty(Refused(tenth with { Probability = 0 }, 10_000));
        Assert.InRange(Refused(tenth with { Probability = 0.1 }, 100_000).Length, 50, 170);
    }

    [Fact]
    public void Only_the_injecting_threads_requests_fail_if_it_says_so()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        using FaultInjection injection = runtime.Faults.Inject(FaultPoint.Pages, new FaultAttributes { ThisThreadOnly = true });
        var thread = new Thread(() => runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Kernel, 0)));
        thread.Start();
        thread.Join();
        Assert.Equal(0, injection.Asked);
        Assert.False(runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out _));
    }

    [Fact]
    public void It_ends_with_its_injection_and_a_later_one_takes_its_place()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        FaultInjection first = runtime.Faults.Inject(FaultPoint.Pages);
        FaultInjection second = runtime.Faults.Inject(FaultPoint.Pages);
        first.Dispose(); // no longer there
        Assert.False(runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out _));
        second.Dispose();
        second.Dispose();
        Assert.True(runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out PagePtr page));
        runtime.Pages.FreePages(page);
        Assert.Equal(0, first.Asked);
        Assert.True(second.Failed > 0);
    }

    [Fact]
    public void Another_runtime_and_another_kind_are_left_alone()
    {
        using SlabRuntime faulty = TestRuntime.OfPages(256), healthy = TestRuntime.OfPages(256);
        faulty.Faults.Inject(FaultPoint.Pages);
        Assert.False(faulty.Pages.TryAllocPages(GfpFlags.Kernel, 3, out _));
        Assert.True(healthy.Pages.TryAllocPages(GfpFlags.Kernel, 3, out PagePtr page));
        healthy.Pages.FreePages(page);
        faulty.Faults.Clear();
        faulty.Faults.Inject(FaultPoint.Mlock);
        Assert.True(faulty.Pages.TryAllocPages(GfpFlags.Kernel, 3, out page));
        faulty.Pages.FreePages(page);
    }

    /// <summary>A page set would hand out what it has, and a program would not see the fault.</summary>
    [Fact]
    public void Every_block_of_pages_is_refused_also_one_that_waits_in_a_set()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Kernel, 0)); // into the set of this processor
        using (runtime.Faults.Inject(FaultPoint.Pages))
        {
            OutOfMemoryException e = Assert.Throws<OutOfMemoryException>(() => runtime.Pages.AllocPages(GfpFlags.Kernel, 0));
            Assert.Contains("SlabFaults", e.Message, StringComparison.Ordinal);
        }

        runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Kernel, 0));
    }

    [Fact]
    public void A_program_sees_that_pages_run_out_and_goes_on_when_they_are_back()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        using (runtime.Faults.Inject(FaultPoint.Pages))
        {
            Assert.False(cache.TryAlloc(out _));
            Assert.Throws<OutOfMemoryException>(() => cache.Alloc());
            Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(100));
            Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(5 << 20));
        }

        cache.Free(cache.Alloc());
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void Without_magazines_objects_come_and_go_all_the_same()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        using FaultInjection magazines = runtime.Faults.Inject(FaultPoint.Magazines);
        cache.Free(cache.Alloc());
        Assert.True(magazines.Failed > 0);
        Assert.Equal((0, 0L), (cache.Snapshot().LoadedMagazines, cache.Snapshot().CachedObjects));
        TestRuntime.CheckHealth(runtime);
    }

    [Theory]
    [InlineData(Pinning.Required, false)]
    [InlineData(Pinning.BestEffort, true)]
    public void A_refused_lock_fails_only_what_must_be_locked(Pinning pinning, bool goesOn)
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 8 << 20, Normal = new ZoneOptions { Pinning = pinning } });
        using FaultInjection locks = runtime.Faults.Inject(FaultPoint.Mlock);
        Assert.Equal(goesOn, runtime.Pages.TryAllocPages(GfpFlags.Kernel, 0, out PagePtr page));
        Assert.True(locks.Failed > 0);
        Assert.Contains("SlabFaults", runtime.Pages.Zones[0].Shortage, StringComparison.Ordinal);
        if (goesOn)
        {
            runtime.Pages.FreePages(page);
        }
    }

    [Fact]
    public void A_refused_commit_fails_and_refused_advice_keeps_memory()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        using (runtime.Faults.Inject(FaultPoint.Commit))
        {
            Assert.False(runtime.Pages.TryAllocPages(GfpFlags.Kernel, 5, out _));
        }

        runtime.Pages.FreePages(runtime.Pages.AllocPages(GfpFlags.Kernel, 5));
        long held = runtime.CommittedBytes;
        using (FaultInjection advice = runtime.Faults.Inject(FaultPoint.Madvise))
        {
            Assert.Equal(0, runtime.Shrink());
            Assert.True(advice.Failed > 0);
            Assert.Equal(held, runtime.CommittedBytes);
        }

        Assert.True(runtime.Shrink() > 0);
        TestRuntime.CheckHealth(runtime);
    }

    /// <summary>Pages of handles, and the table of a thread's bins, belong to no runtime.</summary>
    [Fact]
    public void What_runtimes_share_is_refused_by_the_faults_of_the_process()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        var handles = new SlabHandles<long>(runtime.CreateCache<long>("o"));
        TestThreads.Run(1, number =>
        {
            SlabHandle<long> first = handles.Alloc();
            using FaultInjection commits = SlabFaults.OfProcess.Inject(FaultPoint.Commit, new FaultAttributes { ThisThreadOnly = true });
            while (handles.TryAlloc(out _))
            {
                // until a page of them is wanted: each page serves one cache
            }

            Assert.True(commits.Failed > 0);
            commits.Dispose();
            Assert.True(handles.TryAlloc(out _));
            using FaultInjection again = SlabFaults.OfProcess.Inject(FaultPoint.Commit, new FaultAttributes { ThisThreadOnly = true });
            Assert.Throws<OutOfMemoryException>(() => runtime.Kmalloc.Alloc(5 << 20));
            handles.Free(first);
        });
        handles.Cache.Reset();
        TestRuntime.CheckHealth(runtime);
    }

    [Fact]
    public void What_is_out_of_range_is_refused_by_name()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        (FaultAttributes Fault, string Name)[] bad =
        [
            (new FaultAttributes { Probability = 101 }, "Probability"), (new FaultAttributes { Probability = double.NaN }, "Probability"),
            (new FaultAttributes { Probability = -1 }, "Probability"), (new FaultAttributes { Interval = 0 }, "Interval"),
            (new FaultAttributes { Times = -1 }, "Times"), (new FaultAttributes { Space = -1 }, "Space"),
        ];
        foreach ((FaultAttributes fault, string name) in bad)
        {
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Faults.Inject(FaultPoint.Pages, fault)).ParamName);
        }

        Assert.Contains("Magazines", Assert.Throws<ArgumentOutOfRangeException>(() => runtime.Faults.Inject((FaultPoint)5)).Message, StringComparison.Ordinal);
    }

    /// <summary>The numbers, from 1, of those that are refused of so many.</summary>
    private static int[] Refused(FaultAttributes fault, int count)
    {
        var faults = new SlabFaults(process: null);
        using FaultInjection injection = faults.Inject(FaultPoint.Commit, fault);
        int[] refused = [.. Enumerable.Range(1, count).Where(_ => faults.Fails(FaultPoint.Commit))];
        Assert.Equal((count, refused.Length), (injection.Asked, injection.Failed));
        return refused;
    }
}
