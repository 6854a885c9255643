using System.Diagnostics;
using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>Unused memory goes back to the operating system: when asked for, and by itself.</summary>
internal static class Reaping
{
    public static void Run()
    {
        var interval = TimeSpan.FromMilliseconds(200);
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 256 << 20, ReapInterval = interval });
        KmemCache cache = runtime.CreateCache("buffer", 64);
        Step("Reaping", "Memory that is free is given back to the operating system.");
        FillAndFree(cache);
        Say($"a million objects were used and freed: {MiB(runtime.CommittedBytes)} held, at the peak {MiB(runtime.PeakCommittedBytes)}");
        long given = runtime.Shrink();
        Say($"Shrink gave {MiB(given)} back, and {runtime.CommittedBytes} bytes are held");
        Check(runtime.CommittedBytes == 0, "everything goes back");

        FillAndFree(cache);
        long held = runtime.CommittedBytes;
        var clock = Stopwatch.StartNew();
        Check(SpinWait.SpinUntil(() => runtime.CommittedBytes < held / 100 + 65536, 20 * interval), "idle memory goes back by itself");
        Say($"once more, and nothing called: after {clock.ElapsedMilliseconds} ms (reap interval {interval.TotalMilliseconds} ms) {runtime.CommittedBytes} of {held} bytes are held");
    }

    private static void FillAndFree(KmemCache cache)
    {
        nint[] objects = new nint[1_000_000];
        cache.AllocBulk(objects);
        foreach (nint address in objects)
        {
            cache.Free(address);
        }
    }
}
