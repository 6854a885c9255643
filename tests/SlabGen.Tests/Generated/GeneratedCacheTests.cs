using System.Reflection;
using SlabGen.CompilerServices;

namespace SlabGen.Tests.Generated;

[SlabCache]
public struct Order
{
    public long Id;
    public double Price;
    public int Quantity;
}

[SlabCache(Name = "Pages", Alignment = 4096)]
internal struct Block
{
    public long First;
}

[SlabCache]
internal struct Pair<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    public TKey Key;
    public TValue Value;
}

internal static class Outer
{
    [SlabCache(HwCacheAlign = true)]
    internal readonly record struct Node(long Left, long Right, long Key, long Value, byte Color);
}

/// <summary>A struct with the attribute gets a cache that does what the README says, on the runtime of the process.</summary>
public sealed class GeneratedCacheTests
{
    [Fact]
    public void Alloc_Use_Free()
    {
        SlabPtr<Order> order = OrderCache.Alloc();
        order.Value = new Order { Id = 7, Price = 101.25, Quantity = 3 };
        order.Value.Quantity++;
        Assert.Equal((7, 101.25, 4), (order.Value.Id, order.Value.Price, order.Value.Quantity));
        OrderCache.Free(order);
        Assert.Equal("Order", OrderCache.Cache.Name);
        Assert.Equal(24, OrderCache.Cache.ObjectSize);
        Assert.Same(SlabRuntime.Default.Caches.Single(c => c.Name == "Order"), OrderCache.Cache);
    }

    [Fact]
    public unsafe void Pointers_ConvertBothWays()
    {
        Order* order = OrderCache.Alloc();
        order->Id = 8;
        SlabPtr<Order> same = order;
        Assert.True(same == order && same.Equals((object)(SlabPtr<Order>)order) && same.GetHashCode() == ((nint)order).GetHashCode());
        Assert.Equal(8, same.Value.Id);
        Assert.Equal($"0x{(nint)order:x}", same.ToString());
        OrderCache.Free(order);
        Assert.True(default(SlabPtr<Order>).IsNull && default(SlabPtr<Order>) != same);
        Assert.Throws<NullReferenceException>(() => default(SlabPtr<Order>).Value.Id);
    }

    [Fact]
    public void AllocZeroed_ClearsAFreedObject()
    {
        SlabPtr<Order> order = OrderCache.Alloc();
        order.Value.Id = -1;
        OrderCache.Free(order);
        SlabPtr<Order> again = OrderCache.AllocZeroed();
        Assert.Equal(order, again); // last in, first out
        Assert.Equal(default, again.Value);
        OrderCache.Free(again);
    }

    [Fact]
    public void TryAlloc_Bulk_Reserve_Rent()
    {
        long live = PairCache<int, long>.Cache.Snapshot().LiveObjects;
        Assert.True(PairCache<int, long>.TryAlloc(out SlabPtr<Pair<int, long>> one));
        var many = new SlabPtr<Pair<int, long>>[1000];
        PairCache<int, long>.AllocBulk(many);
        Assert.Equal(1001, many.Append(one).Select(p => p.Address).Distinct().Count());
        using (SlabReservation<Pair<int, long>> reserved = PairCache<int, long>.Reserve(10))
        {
            PairCache<int, long>.Free(reserved.Alloc());
            Assert.Equal(9, reserved.Remaining);
        }

        using (PairCache<int, long>.Lease lease = PairCache<int, long>.Rent())
        {
            lease.Value.Key = 5;
            Assert.Equal(live + 1002, PairCache<int, long>.Cache.Snapshot().LiveObjects);
        }

        PairCache<int, long>.FreeBulk(many);
        PairCache<int, long>.Free(one);
        Assert.Equal(live, PairCache<int, long>.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void EachInstantiation_HasACacheOfItsOwn()
    {
        Assert.NotSame(PairCache<int, int>.Cache, PairCache<byte, long>.Cache);
        Assert.Equal(8, PairCache<int, int>.Cache.ObjectSize);
        Assert.Equal(16, PairCache<byte, long>.Cache.ObjectSize);
        Assert.DoesNotContain(PairCache<byte, long>.Cache.Name, char.IsWhiteSpace);
    }

    [Fact]
    public void Options_OfTheAttribute_ReachTheCache()
    {
        SlabPtr<Block> block = Pages.Alloc();
        Assert.Equal(0, block.Address % 4096);
        Pages.Free(block);
        Assert.Equal(64, NodeCache.Cache.Snapshot().Alignment); // 40 bytes do not fit into half a line
        Assert.Equal(64, NodeCache.Cache.SlotSize);
    }

    [Fact]
    public void NullIsRefused()
    {
        Assert.Equal(SlabFault.NullPointer, Assert.Throws<SlabException>(() => OrderCache.Free(default)).Fault);
        Assert.Throws<SlabException>(() => OrderCache.FreeBulk(new SlabPtr<Order>[3]));
    }

    [Fact]
    public void GeneratedCode_HasAThreadStaticSlotOfItsOwn()
    {
        FieldInfo[] slots = [.. typeof(OrderCache).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Where(f => f.FieldType == typeof(ThreadCache))];
        Assert.NotNull(Assert.Single(slots).GetCustomAttribute<ThreadStaticAttribute>());
    }

    [Fact]
    public void ALoopOfOperations_AllocatesNothingOnTheGcHeap()
    {
        for (int i = 0; i < 100_000; i++)
        {
            OrderCache.Free(OrderCache.Alloc());
        }

        var live = new SlabPtr<Order>[10_000];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < live.Length; i++)
            {
                live[i] = OrderCache.Alloc();
            }

            for (int i = 0; i < live.Length; i++)
            {
                OrderCache.Free(live[i]);
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000); // a list of the depot may grow once
    }
}
