using CsCheck;
using System.Runtime.CompilerServices;
using SlabGen.Memory;
using SlabGen.Slabs;
using SlabGen.Zones;

namespace SlabGen.Tests.Slabs;

/// <summary>The layout arithmetic is the kernel's.</summary>
public sealed class SlabLayoutTests
{
    /// <summary>Computed with <c>calculate_order</c> of Linux 6.12 for pages of 4 KiB; agrees with known slabinfo rows (kmalloc-512 16@1, kmalloc-1k 16@2).</summary>
    public static TheoryData<int, int, int, int> GoldenTable
    {
        get
        {
            var rows = new TheoryData<int, int, int, int>();
            int[] processors = [2, 4, 8, 16, 64];
            (int Size, string Cells)[] table =
            [
                (64, "0/64 0/64 0/64 0/64 0/64"),
                (192, "0/21 0/21 0/21 1/42 1/42"),
                (256, "0/16 0/16 1/32 1/32 1/32"),
                (320, "0/12 1/25 1/25 1/25 2/51"),
                (512, "1/16 1/16 2/32 2/32 2/32"),
                (704, "2/23 2/23 2/23 3/46 3/46"),
                (1000, "2/16 2/16 3/32 3/32 3/32"),
                (1536, "3/21 3/21 3/21 3/21 3/21"),
                (3000, "3/10 - - - 3/10"),
                (40000, "4/1 - - - 4/1"),
            ];
            foreach ((int size, string cells) in table)
            {
                foreach ((int cpus, string cell) in processors.Zip(cells.Split(' ')))
                {
                    if (cell != "-")
                    {
                        int[] orderAndObjects = [.. cell.Split('/').Select(int.Parse)];
                        rows.Add(size, cpus, orderAndObjects[0], orderAndObjects[1]);
                    }
                }
            }

            return rows;
        }
    }

    /// <summary>What slabs, descriptors and page frames take over the bytes of the objects, full slabs assumed.</summary>
    [Theory]
    [InlineData(24)]
    [InlineData(64)]
    [InlineData(96)]
    [InlineData(200)]
    [InlineData(1000)]
    public void ByDefault_AtMostTwoPercentAreWasted(int size)
    {
        foreach (int processors in (int[])[1, 2, 8, 64, 256])
        {
            var layout = new SlabLayout(size, 0, hwCacheAlign: false, processors);
            int objects = layout.ObjectsIn(layout.Order), pages = 1 << layout.Order;
            double bytes = (pages * (Page.Size + Unsafe.SizeOf<PageFrame>())) + Slab.BytesFor(objects);
            Assert.InRange((bytes / ((double)objects * size)) - 1, 0, 0.02);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(2000)]
    [InlineData(4096)]
    public void WhereNoOrderSavesMuch_TheKernelsStays(int size) =>
        Assert.Equal(SlabLayout.OrderOf(size, 2, Page.Size), new SlabLayout(size, 0, hwCacheAlign: false, processors: 2).Order);

    [Theory]
    [MemberData(nameof(GoldenTable))]
    public void Order_IsSlubs(int size, int processors, int order, int objects)
    {
        Assert.Equal(order, SlabLayout.OrderOf(size, processors, pageSize: 4096));
        Assert.Equal(objects, (4096 << order) / size);
    }

    [Theory]
    [InlineData(1, 0, false, 8)]      // ARCH_SLAB_MINALIGN
    [InlineData(24, 0, false, 24)]    // exact: no size class
    [InlineData(200, 0, false, 200)]
    [InlineData(12, 0, false, 16)]
    [InlineData(24, 16, false, 32)]
    [InlineData(24, 0, true, 32)]     // half a line holds it
    [InlineData(33, 0, true, 64)]
    [InlineData(8, 0, true, 8)]
    [InlineData(65, 0, true, 128)]
    [InlineData(100, 4096, false, 4096)]
    public void Size_IsRoundedUpToTheAlignmentOnly(int objectSize, int alignment, bool hwCacheAlign, int expected) =>
        Assert.Equal(expected, new SlabLayout(objectSize, alignment, hwCacheAlign, 2).Size);

    [Theory]
    [InlineData(704, 2)]   // 16384 - 23 * 704 = 192 left over: colours at 0, 64, 128 and 192
    [InlineData(64, 1)]    // nothing left over
    [InlineData(200, 2)]   // 96 left over
    public void Colors_UseTheLastOffsetToo(int size, int atLeast)
    {
        var layout = new SlabLayout(size, 0, false, 2);
        int leftOver = (Page.Size << layout.Order) - (layout.ObjectsIn(layout.Order) * layout.Size);
        Assert.True(layout.Colors >= atLeast);
        Assert.True((layout.Colors - 1) * layout.ColorOffset <= leftOver);
        Assert.True(layout.Colors * layout.ColorOffset > leftOver);
    }

    [Fact]
    public void IndexOf_IsTheDivision() =>
        Gen.Select(Gen.Int[1, 200_000], Gen.Int[0, (4 << 20) - 1]).Sample((size, offset) =>
        {
            var layout = new SlabLayout(size, 0, false, 2);
            Assert.Equal(offset / layout.Size, layout.IndexOf((uint)offset));
        }, iter: 20_000);

    [Fact]
    public void EverySize_HasASlabThatHoldsIt() =>
        Gen.Select(Gen.Int[1, 4 << 20], Gen.Int[1, 256]).Sample((size, processors) =>
        {
            var layout = new SlabLayout(size, 0, false, processors);
            Assert.InRange(layout.Order, 0, 10);
            Assert.InRange(layout.ObjectsIn(layout.Order), 1, SlabLayout.MaxObjects);
            Assert.True(layout.ObjectsIn(layout.MinOrder) >= 1);
            Assert.True(Slab.BytesFor(layout.ObjectsIn(layout.Order)) <= Page.Size);
        }, iter: 20_000);
}
