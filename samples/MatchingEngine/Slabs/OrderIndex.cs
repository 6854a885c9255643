using System.Numerics;
using SlabGen;

namespace MatchingEngine.Slabs;

/// <summary>
/// Finds an order by its id: a hash table whose buckets lie in one native block. The orders of a bucket are linked through
/// a field of theirs, so that the table takes no memory for an entry, and most look-ups touch nothing but the bucket and
/// the order. There is a bucket to each order; when orders outnumber them, their number doubles, in one go.
/// </summary>
internal sealed class OrderIndex : IDisposable
{
    private const int LeastCapacity = 16;
    private const int MostCapacity = 1 << 27; // a block has at most int.MaxValue bytes

    private KmallocBlock _buckets;
    private int _mask;

    /// <param name="capacity">Orders for which there are buckets at once.</param>
    public OrderIndex(int capacity)
    {
        int buckets = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity, LeastCapacity, MostCapacity));
        _buckets = SlabRuntime.Default.Kmalloc.AllocBlock<OrderPtr>(buckets);
        _buckets.Span.Clear();
        _mask = buckets - 1;
    }

    public int Count { get; private set; }

    private Span<OrderPtr> Buckets => _buckets.AsSpan<OrderPtr>();

    public bool Contains(long id) => TryFind(id, out _);

    public bool TryFind(long id, out OrderPtr order)
    {
        order = Buckets[BucketOf(id)];
        while (!order.IsNull && order.Value.Id != id)
        {
            order = order.Value.NextInBucket;
        }

        return !order.IsNull;
    }

    /// <summary>Makes room for one more order.</summary>
    /// <returns>Whether there was memory. If not, nothing has changed.</returns>
    public bool TryReserve() => Count <= _mask || _mask + 1 == MostCapacity || TryGrow();

    /// <summary>Adds an order whose id is not in the table, after <see cref="TryReserve"/>.</summary>
    public void Add(OrderPtr order)
    {
        Link(Buckets, order);
        Count++;
    }

    /// <summary>Removes an order that is in the table.</summary>
    public void Remove(OrderPtr order)
    {
        ref OrderPtr link = ref Buckets[BucketOf(order.Value.Id)];
        while (link != order)
        {
            link = ref link.Value.NextInBucket;
        }

        link = order.Value.NextInBucket;
        Count--;
    }

    public void Dispose() => _buckets.Dispose();

    private bool TryGrow()
    {
        int capacity = (_mask + 1) * 2;
        if (!SlabRuntime.Default.Kmalloc.TryAllocBlock(capacity * IntPtr.Size, out KmallocBlock? larger))
        {
            return false;
        }

        using KmallocBlock old = _buckets;
        _buckets = larger;
        _buckets.Span.Clear();
        _mask = capacity - 1;
        Span<OrderPtr> buckets = Buckets;
        foreach (OrderPtr first in old.AsSpan<OrderPtr>())
        {
            for (OrderPtr order = first; !order.IsNull;)
            {
                OrderPtr next = order.Value.NextInBucket;
                Link(buckets, order);
                order = next;
            }
        }

        return true;
    }

    private void Link(Span<OrderPtr> buckets, OrderPtr order)
    {
        ref Order o = ref order.Value;
        ref OrderPtr bucket = ref buckets[BucketOf(o.Id)];
        o.NextInBucket = bucket;
        bucket = order;
    }

    // Ids that follow each other have buckets that do, in one line of the processor's cache. Dictionary does the same.
    private int BucketOf(long id) => (int)id & _mask;
}
