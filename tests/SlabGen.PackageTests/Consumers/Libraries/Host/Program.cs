using System;
using Shop;
using SlabGen;

// The library's objects, freed by either side; its class is used from here as it is.
Console.WriteLine(Desk.Close(Desk.Open(7)));
SlabPtr<Order> order = Desk.Open(8);
order.Value.Id++;
Console.WriteLine(order.Value.Id);
OrderCache.Free(order);
SlabPtr<Order> mine = OrderCache.Alloc();
mine.Value.Id = 11;
Console.WriteLine($"{Desk.Close(mine)} {OrderCache.Cache.Snapshot().LiveObjects}");

// Two structs of one full name, each with a cache of its own.
Console.WriteLine($"{TicketCache.Cache.Name} {Desk.Tickets.Name} {ReferenceEquals(TicketCache.Cache, Desk.Tickets)} {Desk.UseTicket()}");
nint theirs = Desk.Tickets.Alloc();
Report(() => TicketCache.Cache.Free(theirs));
Desk.Tickets.Free(theirs);

// Checked mode, by the property of the project: the second free is found at once.
SlabPtr<Ticket> ticket = TicketCache.Alloc();
nint address = ticket.Address;
TicketCache.Free(ticket);
Report(() => TicketCache.Cache.Free(address));

Console.WriteLine($"{TicketCache.Cache.Snapshot().LiveObjects} {Desk.Tickets.Snapshot().LiveObjects}");

static void Report(Action action)
{
    try
    {
        action();
        Console.WriteLine("nothing");
    }
    catch (SlabException e)
    {
        Console.WriteLine(e.Fault);
    }
}

namespace Shop
{
    [SlabCache]
    internal struct Ticket
    {
        public long Id, Owner;
    }
}
