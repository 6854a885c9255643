using static SlabGen.Fuzz.FuzzException;

namespace SlabGen.Fuzz;

/// <summary>An object of a generated class. The class is of the process: the script frees what it takes.</summary>
[SlabCache]
public struct FuzzOrder
{
    public long Id, Quantity, Price;
}

// The class that the generator wrote, in the runtime of the process.
public sealed partial class World
{
    private readonly List<(SlabPtr<FuzzOrder> Order, long Id)> _orders = [];
    private static long s_orders;

    private void UseGenerated()
    {
        switch (_script.Below(7))
        {
            case 0 or 1:
                Note("allocates an order");
                AddOrder(OrderOf(_script.Below(3)));
                break;
            case 2 when _orders.Count > 0:
                Note("frees an order");
                FuzzOrderCache.Free(TakeOrder());
                break;
            case 3:
                Note("allocates orders");
                var orders = new SlabPtr<FuzzOrder>[_script.Below(100)];
                FuzzOrderCache.AllocBulk(orders);
                Array.ForEach(orders, AddOrder);
                break;
            case 4:
                Note("frees orders");
                var some = new SlabPtr<FuzzOrder>[Math.Min(_script.Below(100), _orders.Count)];
                for (int i = 0; i < some.Length; i++)
                {
                    some[i] = TakeOrder();
                }

                FuzzOrderCache.FreeBulk(some);
                break;
            case 5:
                Note("rents and owns an order");
                using (FuzzOrderCache.Lease lease = FuzzOrderCache.Rent())
                using (SlabOwner<FuzzOrder> owner = FuzzOrderCache.Own())
                {
                    (lease.Value.Id, owner.Value.Id) = (1, 2);
                    Equal((1L, 2L), (lease.Value.Id, owner.Value.Id), "orders that are held");
                }

                break;
            default:
                Note("shrinks orders");
                FuzzOrderCache.Cache.Shrink();
                break;
        }

        Equal(_orders.Count, FuzzOrderCache.Cache.Snapshot().LiveObjects, "live orders");
    }

    private static SlabPtr<FuzzOrder> OrderOf(int way) => way switch
    {
        0 => FuzzOrderCache.Alloc(),
        1 => FuzzOrderCache.AllocZeroed(),
        _ => FuzzOrderCache.TryAlloc(out SlabPtr<FuzzOrder> order) ? order : throw new FuzzException("No memory for an order."),
    };

    private void AddOrder(SlabPtr<FuzzOrder> order)
    {
        order.Value = new FuzzOrder { Id = ++s_orders, Price = -s_orders };
        _orders.Add((order, s_orders));
    }

    private SlabPtr<FuzzOrder> TakeOrder()
    {
        int index = _script.Below(_orders.Count);
        (SlabPtr<FuzzOrder> order, long id) = _orders[index];
        _orders.RemoveAt(index);
        Equal((id, -id), (order.Value.Id, order.Value.Price), "an order");
        return order;
    }

    private void FreeGenerated()
    {
        while (_orders.Count > 0)
        {
            FuzzOrderCache.Free(TakeOrder());
        }
    }
}
