namespace SlabGen.Tests.Concurrency;

/// <summary>
/// Proves that threads that reclaim at the same time serve one another: what one of them takes home while another finds nothing is there when that
/// asks again. Catches an allocation that fails although there is memory for it.
/// </summary>
public sealed class ReclaimUnderThreads
{
    private const int Threads = 4, Rounds = 40, Pages = 512;

    [Fact]
    public void No_allocation_fails_for_what_another_thread_is_taking_home()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(Pages);
        KmemCache[] idle = [.. Enumerable.Range(0, 8).Select(i => runtime.CreateCache($"idle{i}", 256))];
        KmemCache wanted = runtime.CreateCache("wanted", 1024);
        nint[] filling = new nint[Pages * 16 / 2 / idle.Length];
        for (int round = 0; round < Rounds; round++)
        {
            foreach (KmemCache cache in idle)
            {
                cache.AllocBulk(filling);
                cache.FreeBulk(filling);
            }

            TestThreads.Run(Threads, _ =>
            {
                nint[] mine = new nint[Pages / Threads * 4 * 5 / 8]; // five eighths of all memory, together
                wanted.AllocBulk(mine);
                wanted.FreeBulk(mine);
            });
        }

        TestRuntime.CheckHealth(runtime);
    }
}
