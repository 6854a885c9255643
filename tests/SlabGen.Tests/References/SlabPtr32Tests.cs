using System.Runtime.CompilerServices;
using SlabGen.Tests.Generated;

namespace SlabGen.Tests.References;

/// <summary>A pointer of 4 bytes refers to any object below 4 GiB, and to no other.</summary>
[Collection(LowAddresses.Collection)]
public sealed class SlabPtr32Tests
{
    private const long FourGiB = 1L << 32;

    [Fact]
    public void AList_OfPointersOfFourBytes_InAStrictDma32Cache()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "Other systems may have no room there.");
        Assert.Equal(4, Unsafe.SizeOf<SlabPtr32<Node>>());
        Assert.Equal(8, Unsafe.SizeOf<Node>());

        using SlabRuntime runtime = TestRuntime.OfPages(4096);
        KmemCache cache = runtime.CreateCache<Node>("node", new SlabCacheOptions { Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict });
        SlabPtr32<Node> first = default;
        for (int i = 0; i < 10_000; i++)
        {
            var node = (SlabPtr32<Node>)new SlabPtr<Node>(cache.Alloc());
            node.Value = new Node { Next = first, Id = i };
            first = node;
        }

        for (int i = 9_999; i >= 0; i--)
        {
            SlabPtr<Node> node = first;
            Assert.Equal((i, node.Address), (node.Value.Id, first.Address));
            first = first.Value.Next;
            cache.Free(node.Address);
        }

        Assert.True(first.IsNull);
        Assert.Equal(0, cache.Snapshot().LiveObjects);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(FourGiB - 1)]
    [InlineData(0)]
    public void AnAddressBelow4GiB_ComesBackAsItWas(long address)
    {
        var pointer = new SlabPtr<Node>((nint)address);
        Assert.True(SlabPtr32.TryFrom(pointer, out SlabPtr32<Node> small));
        Assert.Equal(small, (SlabPtr32<Node>)pointer);
        Assert.True(pointer == small && small == pointer);
        Assert.Equal((address, address == 0), (small.Address, small.IsNull));
        Assert.Equal($"0x{address:x}", small.ToString());
    }

    [Theory]
    [InlineData(FourGiB)]
    [InlineData(FourGiB + 1)]
    [InlineData(long.MaxValue)]
    [InlineData(-1)] // the highest address of all
    public void AnAddressFrom4GiBOn_IsRefused(long address)
    {
        Assert.SkipUnless(Environment.Is64BitProcess, "needs such addresses");
        var pointer = new SlabPtr<Node>((nint)address);
        Assert.False(SlabPtr32.TryFrom(pointer, out SlabPtr32<Node> small));
        Assert.True(small.IsNull);
        string message = Assert.Throws<OverflowException>(() => (SlabPtr32<Node>)pointer).Message;
        Assert.StartsWith($"0x{address:x} is not below 4 GiB", message, StringComparison.Ordinal);
        Assert.Contains("SlabPtr32<Node>", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnObjectOfAnOrdinaryCache_IsRefused_AndStaysTheCallers()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.Is64BitProcess, "Other systems may place it low.");
        using SlabRuntime runtime = TestRuntime.OfPages(64);
        KmemCache cache = runtime.CreateCache<Node>("node");
        var pointer = new SlabPtr<Node>(cache.Alloc());
        Assert.Throws<OverflowException>(() => (SlabPtr32<Node>)pointer);
        Assert.Equal(AddressKind.LiveObject, cache.Describe(pointer.Address).Kind);
        cache.Free(pointer.Address);
    }

    [Fact]
    public void PointersAreCompared_ByTheirAddresses()
    {
        SlabPtr32<Node> low = Of(0x10), high = Of(0xffff_fff0), same = Of(0x10); // a signed comparison would have it the other way round
        Assert.True(low == same && low.Equals((object)same) && !(low != same) && low.GetHashCode() == same.GetHashCode());
        Assert.False(low == high || low.Equals(high) || low.Equals((object)0x10u) || low.Equals((object?)null));
        Assert.True(low < high && high > low && low <= same && low >= same);
        Assert.False(high < low || low > high || high <= low || low >= high || low < same);
        Assert.Equal([default, low, high], new[] { high, default, low }.Order());
    }

    private static SlabPtr32<Node> Of(uint address) => (SlabPtr32<Node>)new SlabPtr<Node>((nint)address);

    private struct Node
    {
        public SlabPtr32<Node> Next;
        public int Id;
    }
}
