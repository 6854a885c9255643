namespace SlabGen.Tests.Generated;

/// <summary>A generated class whose attribute has letters: each of its calls looks at the marks.</summary>
public sealed class LettersTests
{
    [Fact]
    public void Each_kind_of_call_writes_and_looks_at_the_marks()
    {
        Assert.Equal(SlabDebug.Full, MarkedOrderCache.Cache.Snapshot().Debug);
        SlabPtr<MarkedOrder> order = MarkedOrderCache.Alloc();
        order.Value.Id = 7;
        MarkedOrderCache.Free(order);
        Assert.Equal(SlabFault.DoubleFree, Assert.Throws<SlabException>(() => MarkedOrderCache.Free(order)).Fault);
        order = MarkedOrderCache.AllocZeroed();
        Assert.Equal(0, order.Value.Id);
        Checking.Lettered.Write(order.Address + 24, 1);
        SlabException error = Assert.Throws<SlabException>(() => MarkedOrderCache.Free(order));
        Assert.Equal(SlabFault.OutOfBounds, error.Fault);
        Assert.Contains(nameof(LettersTests), error.Report!.Allocated!.Stack, StringComparison.Ordinal);
        SlabHandle<MarkedOrder> handle = MarkedOrderCache.AllocHandle();
        MarkedOrderCache.Free(handle);
        Span<SlabPtr<MarkedOrder>> many = new SlabPtr<MarkedOrder>[40];
        MarkedOrderCache.AllocBulk(many);
        MarkedOrderCache.FreeBulk(many);
        using (MarkedOrderCache.Lease lease = MarkedOrderCache.Rent())
        {
            lease.Value.Id = 5;
        }

        ValidationReport report = MarkedOrderCache.Cache.Validate();
        Assert.True(report.IsClean, report.ToString());
        Checking.Lettered.Write(many[3].Address + 23, 1);
        Assert.Equal(SlabFault.UseAfterFree, Assert.Throws<SlabException>(() => MarkedOrderCache.AllocBulk(new SlabPtr<MarkedOrder>[40])).Fault);
        Assert.Equal(0, MarkedOrderCache.Cache.Snapshot().LiveObjects);
    }
}

[SlabCache(Debug = SlabDebug.Full, Handles = true)]
public struct MarkedOrder
{
    public long Id;
    public double Price, Quantity;
}
