using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Tests.Generated;
using SlabGen.Zones;

namespace SlabGen.Tests.Zones;

/// <summary>Free pages go back to the system on demand, and what is counted as held is held.</summary>
public sealed partial class TrimTests
{
    [Fact]
    public unsafe void Trim_TakesTheMemoryOfFreeBlocks_AndLeavesTheRest()
    {
        var zone = TestRuntime.NewZone(4096);
        uint keep = zone.Alloc(1), give = zone.Alloc(50); // below what a zone gives back by itself
        *(long*)zone.Address(keep) = 42;
        new Span<byte>((void*)zone.Address(give), 50 * Page.Size).Fill(1);
        zone.Free(give);
        long before = zone.CommittedBytes;

        long given = zone.Trim();

        Assert.Equal(before - zone.CommittedBytes, given);
        Assert.True(given >= 50L * Page.Size);
        Assert.Equal(42, *(long*)zone.Address(keep));
        uint again = zone.Alloc(50);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(0, *(long*)zone.Address(again));
        }

        zone.Unmap();
    }

    [Fact]
    public void AllFree_TrimLeavesNothingCommitted_AndTheZoneServesAgain()
    {
        var zone = TestRuntime.NewZone(4096);
        for (int round = 0; round < 3; round++)
        {
            uint[] blocks = [.. Enumerable.Range(0, 3).Select(_ => zone.Alloc(1024))];
            Assert.DoesNotContain(PageFrame.None, blocks);
            Array.ForEach(blocks, zone.Free);
            zone.Trim();
            Assert.Equal(0, zone.CommittedBytes);
        }

        zone.Unmap();
    }

    [Fact]
    public void PortableBacking_CountsWhatItCannotGiveBack()
    {
        var zone = TestRuntime.NewZone(4096, new PortableMemory());
        uint block = zone.Alloc(1024);
        zone.Free(block);
        long held = zone.CommittedBytes;
        Assert.Equal(0, zone.Trim());
        Assert.Equal(held, zone.CommittedBytes);
        Assert.True(held >= 1024L * Page.Size);
        zone.Unmap();
    }

    [Fact]
    public unsafe void ResidentMemory_ReturnsToNothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "asks mincore");
        var zone = TestRuntime.NewZone(64 * 1024);
        var blocks = new List<uint>();
        for (int i = 0; i < 20; i++)
        {
            blocks.Add(zone.Alloc(1024));
            new Span<byte>((void*)zone.Address(blocks[^1]), 1024 * Page.Size).Fill(1);
        }

        Assert.Equal(20 * 1024, ResidentPages(zone));
        blocks.ForEach(zone.Free);
        Assert.InRange(ResidentPages(zone), 0, 1024); // the rest went back by itself
        Assert.True(zone.TrimmedPages >= 19 * 1024);
        zone.Trim();
        Assert.Equal(0, ResidentPages(zone));
        zone.Unmap();
    }

    [Fact]
    public void Memory_ThatIsNeededAgainAndAgain_IsKept()
    {
        var zone = TestRuntime.NewZone(64 * 1024);
        for (int round = 0; round < 100; round++)
        {
            uint[] blocks = [.. Enumerable.Range(0, 8).Select(_ => zone.Alloc(1024))]; // 32 MiB at a time
            Array.ForEach(blocks, zone.Free);
        }

        // A few rounds of giving back teach the zone to keep them.
        Assert.InRange(zone.TrimmedPages, OperatingSystem.IsLinux() ? 1 : 0, 10 * 8 * 1024);
        zone.Trim();
        Assert.Equal(0, zone.CommittedBytes);
        zone.Unmap();
    }

    [Fact]
    public void ASystemThatRefusesToTakeSectionsBack_CostsNoPage()
    {
        var memory = new TestRuntime.FailingMemory(OsMemory.Current) { Decommits = false };
        var zone = TestRuntime.NewZone(4096, memory);
        for (int round = 0; round < 3; round++)
        {
            uint[] blocks = [.. Enumerable.Range(0, 4).Select(_ => zone.Alloc(1024))];
            Assert.DoesNotContain(PageFrame.None, blocks);
            Array.ForEach(blocks, zone.Free);
            zone.Trim();
            Assert.Equal(4, zone.FreeBlocks()[^1]);
        }

        memory.Decommits = true;
        zone.Trim();
        Assert.Equal(0, zone.CommittedBytes);
        zone.Unmap();
    }

    private static unsafe int ResidentPages(Zone zone)
    {
        byte[] pages = new byte[zone.SpannedPages];
        fixed (byte* first = pages)
        {
            int result = MinCore(zone.Start, (nuint)((long)zone.SpannedPages * Page.Size), first);
            Assert.SkipUnless(result == 0, "this system has no mincore");
        }

        return pages.Count(page => (page & 1) != 0);
    }

    [LibraryImport("libc", EntryPoint = "mincore")]
    private static unsafe partial int MinCore(nint address, nuint length, byte* pages);
}
