using SlabGen.Memory;
using SlabGen.Zones;
using CsCheck;

namespace SlabGen.Tests.Zones;

/// <summary>Blocks never overlap, are aligned to their size, split and merge, and are counted right.</summary>
public sealed class BuddyTests
{
    [Fact]
    public void FirstPage_SplitsAllOrders_AndMergesBack()
    {
        Zone zone = NewZone(1024);
        uint page = zone.Alloc(1);
        Assert.Equal(0u, page);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0], zone.FreeBlocks());

        zone.Free(page);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], zone.FreeBlocks());
        zone.Unmap();
    }

    [Fact]
    public void LargestOrder_IsWhole()
    {
        Zone zone = NewZone(2048);
        Assert.Equal(0u, zone.Alloc(1024));
        Assert.Equal(1024u, zone.Alloc(1024));
        Assert.Equal(PageFrame.None, zone.Alloc(1));
        zone.Unmap();
    }

    [Fact]
    public void ExactBlock_GivesItsTailBack()
    {
        Zone zone = NewZone(16);
        uint five = zone.Alloc(5);
        Assert.Equal(5, zone.AllocatedPages);
        uint one = zone.Alloc(1); // the surplus of 3 serves it
        Assert.True(one < 8);
        zone.Free(five);
        zone.Free(one);
        Assert.Equal(0, zone.AllocatedPages);
        Assert.Equal(1, zone.FreeBlocks()[4]);
        zone.Unmap();
    }

    [Fact]
    public void RunningOut_IsReported_AndNothingIsLost()
    {
        Zone zone = NewZone(7); // not a power of two: blocks of 4, 2 and 1
        var pages = new List<uint>();
        for (uint page = zone.Alloc(1); page != PageFrame.None; page = zone.Alloc(1))
        {
            pages.Add(page);
        }

        Assert.Equal(7, pages.Distinct().Count());
        pages.ForEach(zone.Free);
        Assert.Equal([1, 1, 1], zone.FreeBlocks()[..3]);
        zone.Unmap();
    }

    [Fact]
    public void FreeTwice_Throws_AndChangesNothing()
    {
        Zone zone = NewZone(16);
        uint block = zone.Alloc(4);
        zone.Free(block);
        var error = Assert.Throws<InvalidOperationException>(() => zone.Free(block));
        Assert.Contains("count is 0", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, zone.FreeBlocks()[4]);
        zone.Unmap();
    }

    [Fact]
    public void RandomScript_KeepsEveryInvariant() =>
        Gen.Select(Gen.Int[1, 1500], Gen.Int[1, 1024].Array[1, 60]).Sample((pages, sizes) =>
        {
            Zone zone = NewZone((uint)pages);
            var held = new List<(uint Start, uint Pages)>();
            foreach (int size in sizes)
            {
                uint start = zone.Alloc((uint)size);
                if (start != PageFrame.None)
                {
                    Assert.Equal(0u, start & ((1u << Page.OrderOf((long)size << Page.Shift)) - 1));
                    Assert.DoesNotContain(held, h => start < h.Start + h.Pages && h.Start < start + (uint)size);
                    Assert.True(start + size <= pages);
                    held.Add((start, (uint)size));
                }
                else if (held.Count > 0)
                {
                    zone.Free(held[size % held.Count].Start);
                    held.RemoveAt(size % held.Count);
                }

                Assert.Equal(held.Sum(h => h.Pages), zone.AllocatedPages);
            }

            held.ForEach(h => zone.Free(h.Start));
            Assert.Equal(0, zone.AllocatedPages);
            zone.Trim();
            Assert.True(zone.CommittedBytes <= (long)Page.Size * 1024 * 2 / 100 * 2); // frames of a last, partial section
            zone.Unmap();
        }, iter: 300);

    [Fact]
    public void EveryAddress_FindsItsFrame_AndOthersNone()
    {
        Zone zone = NewZone(3000);
        unsafe
        {
            Assert.False(zone.TryGetFrame(zone.Start, out _)); // nothing is online yet
            zone.Alloc(1024);
            zone.Alloc(1024);
            zone.Alloc(1);
            foreach (uint index in new uint[] { 0, 1, 1023, 1024, 2999 })
            {
                nint address = zone.Address(index);
                Assert.True(zone.TryGetFrame(address, out PageFrame* first) && zone.TryGetFrame(address + Page.Size - 1, out PageFrame* last) && first == last);
                Assert.Equal(index, zone.IndexOf(first));
            }

            Assert.False(zone.TryGetFrame(zone.Start - 1, out _));
            Assert.False(zone.TryGetFrame(zone.Address(3000), out _));
            Assert.False(zone.TryGetFrame(0, out _));
            Assert.False(zone.TryGetFrame(nint.MaxValue, out _));
            Assert.False(zone.TryGetFrame(-1, out _));
        }

        zone.Unmap();
    }

    private static Zone NewZone(uint pages) => TestRuntime.NewZone(pages);
}
