namespace SlabGen.Tests.Diagnostics;

/// <summary>The text is what readers of <c>/proc/buddyinfo</c> parse, and adds up to the free pages.</summary>
public sealed class BuddyInfoTests
{
    [Fact]
    public void Line_IsTheKernels_AndCountsEveryFreePage()
    {
        using SlabRuntime runtime = TestRuntime.OfPages(2048);
        nint page = runtime.Kmalloc.Alloc(3 * 4096 + 1);
        long pagesTaken = runtime.Pages.Zones[0].AllocatedPages; // that block, and what the page set took with it

        string line = BuddyInfo.Format(runtime);

        Assert.StartsWith("Node 0, zone   Normal ", line, StringComparison.Ordinal);
        Assert.EndsWith(" \n", line, StringComparison.Ordinal);
        int[] blocks = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4..^1].Select(int.Parse)];
        Assert.Equal(11, blocks.Length);
        Assert.Equal(1024 - pagesTaken, blocks.Select((count, order) => count << order).Sum()); // one section is online
        runtime.Kmalloc.Free(page);
    }
}
