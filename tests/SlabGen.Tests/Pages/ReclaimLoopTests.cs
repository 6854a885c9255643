using SlabGen.Pages;

namespace SlabGen.Tests.Pages;

/// <summary>Proves how often a request that failed is tried again, and that it is tried once more also when nothing was taken back. Catches a loop with a rule of its own.</summary>
public sealed class ReclaimLoopTests
{
    [Theory]
    [InlineData(GfpFlags.Atomic, true, 0)]
    [InlineData(GfpFlags.Kernel, true, ReclaimLoop.MaxRetries)]
    [InlineData(GfpFlags.Kernel, false, 1)]
    [InlineData(GfpFlags.Kernel | GfpFlags.NoRetry, true, 1)]
    public void A_request_reclaims_so_often(GfpFlags gfp, bool finds, int expected)
    {
        var loop = new ReclaimLoop(gfp);
        int reclaimed = 0, tried = 0;
        bool progress;
        do
        {
            progress = loop.MayReclaim && ++reclaimed > 0 && finds;
            tried++;
        }
        while (loop.GoesOn(progress));

        Assert.Equal(expected, reclaimed);
        Assert.Equal(finds ? expected + 1 : expected, tried);
    }

    [Fact]
    public void One_that_must_not_fail_goes_on_until_it_can_never_be_served()
    {
        var loop = new ReclaimLoop(GfpFlags.Kernel | GfpFlags.NoFail);
        for (int i = 0; i < 100; i++)
        {
            Assert.True(loop.MayReclaim);
            Assert.True(loop.GoesOn(progress: i % 2 == 0));
        }

        Assert.False(loop.GoesOn(progress: false, canBeHad: false));
    }

    [Fact]
    public void An_entry_for_a_handle_is_taken_after_another_thread_has_reclaimed_for_it()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(256);
        KmemCache cache = runtime.CreateCache("o", 64);
        nint obj = cache.Alloc();
        IReclaimer real = runtime.Pages.Reclaimer!;
        runtime.Pages.Reclaimer = new Late(runtime.Faults.Clear);
        runtime.Faults.Inject(FaultPoint.Pages);
        Assert.True(cache.TryTakeHandle(obj, out uint index, out uint generation));
        runtime.Pages.Reclaimer = real;
        Assert.True(cache.Handles.TryGive(index, generation));
        cache.Free(obj);
    }

    /// <summary>Finds that another thread has just freed what there was.</summary>
    private sealed class Late(Action freed) : IReclaimer
    {
        public bool Reclaim(GfpFlags gfp, long pages)
        {
            freed();
            return false;
        }

        public void Wake()
        {
        }
    }
}
