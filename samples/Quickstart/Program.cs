using SlabGen;

// Take one order, use it, free it. Value is a ref to the object: no unsafe, no copy.
SlabPtr<Order> order = OrderCache.Alloc();
order.Value = new Order { Id = 1, Price = 101.25, Quantity = 3 };
order.Value.Quantity--;
Console.WriteLine($"order {order.Value.Id}: {order.Value.Quantity} at {order.Value.Price}, in native memory at {order}");
OrderCache.Free(order);

// This one is freed at the end of its scope.
using (OrderCache.Lease lease = OrderCache.Rent())
{
    lease.Value.Quantity = 5;
}

// A book of a million orders. The garbage collector never sees one of them.
var book = new SlabPtr<Order>[1_000_000];
Trade(book, firstId: 1); // first runs set up threads and lists, and bind system calls
Trade(book, firstId: 1);

long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
int collectionsBefore = GC.CollectionCount(0);
double total = Trade(book, firstId: 2);
long bytes = GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
int collections = GC.CollectionCount(0) - collectionsBefore;
Console.WriteLine($"traded {book.Length:N0} orders, {total:N0} in all\n");

// What is left in the cache, as /proc/slabinfo shows it: nothing active, and some objects ready for the next need...
Console.WriteLine(SlabInfo.Format());
Console.WriteLine($"{SlabRuntime.Default.CommittedBytes:N0} bytes are kept: the slabs, and free pages that were in use until now");

// ...until the memory is asked back.
bool slabsLeft = OrderCache.Cache.Shrink();
Console.WriteLine($"{SlabRuntime.Default.CommittedBytes:N0} bytes after Shrink; slabs left: {slabsLeft}");
Console.WriteLine($"checked mode: {OrderCache.Cache.Snapshot().IsChecked}, as in every debug build");
Console.WriteLine($"{bytes} bytes were allocated on the GC heap meanwhile, in {collections} collections");
return bytes == 0 ? 0 : 1;

static double Trade(SlabPtr<Order>[] book, long firstId)
{
    for (int i = 0; i < book.Length; i++)
    {
        book[i] = OrderCache.Alloc();
        book[i].Value = new Order { Id = firstId + i, Price = 100 + (i % 7), Quantity = 1 };
    }

    double total = 0;
    foreach (SlabPtr<Order> order in book)
    {
        total += order.Value.Price * order.Value.Quantity;
        OrderCache.Free(order);
    }

    return total;
}

/// <summary>A plain struct, with one line above it.</summary>
[SlabCache]
public struct Order
{
    public long Id;
    public double Price;
    public int Quantity;
}
