using SlabGen.Memory;
using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests;

/// <summary>Dispose reports what is live and never throws for it; Close throws; memory that is live stays mapped.</summary>
public sealed unsafe class RuntimeEndTests
{
    [Fact]
    public void Each_of_several_Close_at_once_throws_for_a_live_object()
    {
        for (int round = 0; round < 50; round++)
        {
            SlabRuntime runtime = TestRuntime.OfPages(64);
            runtime.CreateCache("left", 64).Alloc();
            int thrown = 0;
            TestThreads.Run(4, _ =>
            {
                Assert.Throws<InvalidOperationException>(runtime.Close);
                Interlocked.Increment(ref thrown);
            });
            Assert.Equal(4, thrown);
        }
    }

    [Fact]
    public void Dispose_reports_a_live_object_and_leaves_it_mapped()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("left", 64);
        nint live = cache.Alloc();
        *(long*)live = 7;
        Assert.Null(runtime.Report);

        SlabRuntimeReport? told = null;
        Action<SlabRuntimeReport> handler = report => told = Mine(report) ? report : told;
        SlabRuntime.LeaksFound += handler;
        try
        {
            // The handler of this test project throws, so that a leak is a failure; without it Dispose returns.
            Assert.Throws<InvalidOperationException>(runtime.Dispose);
        }
        finally
        {
            SlabRuntime.LeaksFound -= handler;
        }

        runtime.Dispose(); // does nothing when called again
        SlabRuntimeReport report = runtime.Report!;
        LeakReport leak = Assert.Single(report.Leaks);
        Assert.Equal(("left", 1L), (leak.CacheName, leak.LiveObjects));
        Assert.Equal([live], leak.Addresses);
        Assert.True(report.HasLeaks);
        Assert.False(report.IsClean);
        Assert.Contains("left", report.ToString(), StringComparison.Ordinal);
        Assert.Equal(7, *(long*)live);
        Assert.Contains("left", Assert.Throws<InvalidOperationException>(runtime.Close).Message, StringComparison.Ordinal);

        bool Mine(SlabRuntimeReport report) => report.Leaks.Any(leak => leak.Addresses.Contains(live)); // the event is the process's
    }

    [Fact]
    public void A_clean_end_says_so()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("clean", 64);
        cache.Free(cache.Alloc());
        runtime.Dispose();
        Assert.Equal((true, false, 0L, null), (runtime.Report!.IsClean, runtime.Report.HasLeaks, runtime.Report.PageBytes, runtime.Report.Error));
        Assert.Equal("Everything was freed.", runtime.Report.ToString());
        runtime.Close();
        Assert.True(runtime.Pages.IsUnmapped);
    }

    [Fact]
    public void Pages_and_what_destroyed_caches_left_are_reported()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        runtime.Pages.AllocPages(GfpFlags.Kernel, 1);
        KmemCache cache = runtime.CreateCache("before", 64);
        cache.Alloc();
        cache.Destroy();
        Assert.Contains("before", Assert.Throws<InvalidOperationException>(runtime.Close).Message, StringComparison.Ordinal);
        Assert.Equal((1, 2L * Page.Size), (runtime.Report!.Leaks.Count, runtime.Report.PageBytes));
    }

    [Fact]
    public void A_bad_pointer_is_an_error_of_the_report_and_everything_is_released()
    {
        SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache("bad", 64);
        cache.Free(cache.Alloc());
        cache.Free(0x1234);
        Assert.Equal(SlabFault.ForeignPointer, Assert.Throws<SlabException>(runtime.Close).Fault);
        Assert.IsType<SlabException>(runtime.Report!.Error);
        Assert.Equal((false, false), (runtime.Report.IsClean, runtime.Report.HasLeaks));
        Assert.True(runtime.Pages.IsUnmapped);
    }

    [Fact]
    public void The_runtimes_of_the_process_are_not_ended()
    {
        SlabRuntime.Default.Dispose(); // a container may own what it was handed
        SlabRuntime locked = SlabRuntime.Of(Pinning.BestEffort, HugePages.None);
        locked.Dispose();
        Assert.Throws<InvalidOperationException>(SlabRuntime.Default.Close);
        Assert.Throws<InvalidOperationException>(locked.Close);
        Assert.Null(SlabRuntime.Default.Report);
        SlabRuntime.Default.CreateCache("alive", 64).Destroy();
    }
}
