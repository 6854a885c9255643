using SlabGen;

namespace Shop
{
    [SlabCache]
    public struct Order
    {
        public long Id;
    }

    // Host has a struct of the same full name.
    [SlabCache]
    internal struct Ticket
    {
        public long Id;
    }

    public static class Desk
    {
        public static SlabPtr<Order> Open(long id)
        {
            SlabPtr<Order> order = OrderCache.Alloc();
            order.Value.Id = id;
            return order;
        }

        public static long Close(SlabPtr<Order> order)
        {
            long id = order.Value.Id;
            OrderCache.Free(order);
            return id;
        }

        public static KmemCache Tickets => TicketCache.Cache;

        public static long UseTicket()
        {
            using TicketCache.Lease lease = TicketCache.Rent();
            lease.Value.Id = 5;
            return lease.Value.Id;
        }
    }
}
