using System;
using System.Threading;
using SlabGen;

SlabPtr<Order> order = OrderCache.Alloc();
order.Value.Id = 42;
OrderCache.Free(order);

using (NodeCache<long>.Lease lease = NodeCache<long>.Rent())
{
    lease.Value.Value = 1;
}

// Objects that another thread frees, and threads that die.
var objects = new SlabPtr<Order>[100_000];
OrderCache.AllocBulk(objects);
for (int i = 0; i < objects.Length; i++)
{
    objects[i].Value.Id = i;
}

long sum = 0;
var thread = new Thread(() =>
{
    foreach (SlabPtr<Order> o in objects)
    {
        sum += o.Value.Id;
        OrderCache.Free(o);
    }
});
thread.Start();
thread.Join();

try
{
#pragma warning disable SLAB0105 // on purpose
    OrderCache.Free(default);
#pragma warning restore SLAB0105
}
catch (SlabException e)
{
    Console.WriteLine(e.Fault);
}

nint block = SlabRuntime.Default.Kmalloc.AllocZeroed(100);
SlabRuntime.Default.Kmalloc.Free(block);
Console.WriteLine($"{sum} {OrderCache.Cache.Snapshot().LiveObjects} {OrderCache.Cache.Shrink()} {SlabRuntime.Default.Shrink() >= 0} {SlabRuntime.Default.CommittedBytes}");
Console.Write(SlabInfo.Format().Split('\n')[0]);

[SlabCache]
public struct Order
{
    public long Id;
    public double Price;
}

[SlabCache]
public struct Node<T>
    where T : unmanaged
{
    public T Value;
}
