namespace SlabGen.Tests.Hardening;

/// <summary>The page behind a slab, where the system does not make it accessible again. Catches memory that is lost for as long as the runtime lives.</summary>
public sealed class RefusedGuardTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_page_that_the_system_kept_from_us_comes_back_at_a_later_shrink(bool typeStable)
    {
        using SlabRuntime runtime = HardeningOptionTests.New(options => options with { GuardPages = true, TypeStable = typeStable });
        KmemCache cache = runtime.CreateCache("o", 64);
        nint[] objects = new nint[20_000];
        cache.AllocBulk(objects);
        cache.FreeBulk(objects);
        using (runtime.Faults.Inject(FaultPoint.Commit))
        {
            cache.Destroy();
            runtime.Shrink();
            Assert.True(runtime.Pages.UsedBytes > 0, "no guard was refused");
            TestRuntime.CheckHealth(runtime);
        }

        runtime.Shrink();
        TestRuntime.CheckHealth(runtime);
        Assert.Equal((0, 0), (runtime.Pages.UsedBytes, runtime.CommittedBytes));
        runtime.Close();
    }
}
