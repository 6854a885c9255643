using SlabGen;
using static KernelTour.Tour;

namespace KernelTour;

/// <summary>Free pages lie on lists by the size of their block, and blocks split and merge with their buddies.</summary>
internal static class FreeLists
{
    public static void Run()
    {
        using var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 64 << 20, Processors = 1 });
        PageAllocator pages = runtime.Pages;
        Step("Free lists", "Blocks of 1, 2, 4 ... 1024 pages. A large one is halved until it fits; halves merge when both are free.");
        PagePtr largest = pages.AllocPages(GfpFlags.Kernel, PageAllocator.MaxOrder);
        pages.FreePages(largest);
        Say("one block of the largest order:  " + BuddyInfo.Format(runtime).TrimEnd());
        // Smaller blocks wait near the processor when they are freed.
        PagePtr block = pages.AllocPages(GfpFlags.Kernel, order: 5);
        Say("after 32 pages were taken of it: " + BuddyInfo.Format(runtime).TrimEnd());
        Check(block.Zone.FreeBlocks()[5..10].All(n => n == 1), "each halving leaves a block");
        pages.FreePages(block);
        Say("after they were given back:      " + BuddyInfo.Format(runtime).TrimEnd());
        Check(block.Zone.FreeBlocks()[10] == 1, "the halves merge");
    }
}
