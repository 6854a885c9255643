using SlabGen.Tests.Concurrency;

namespace SlabGen.Tests.Generated;

/// <summary>
/// A class with Handles: hooks and clearing stand around objects by handle as around those by address, each free is done by one
/// thread, and nothing is lost. The caches are of the process's runtime; only this class uses them, one test at a time.
/// </summary>
public sealed class HandlesTests
{
    public HandlesTests() => Ticket.Reset();

    [Fact]
    public void AHandle_FindsItsObject_UntilItIsFreed()
    {
        SlabHandle<Customer> one = CustomerCache.AllocHandle();
        one.Value.Id = 7;
        Assert.True(CustomerCache.TryAllocHandle(out SlabHandle<Customer> two));
        Assert.NotEqual(one, two);
        Assert.Equal(7, one.Value.Id);

        CustomerCache.Free(one);
        Assert.False(one.IsLive);
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => CustomerCache.Free(one)).Fault);
        Assert.False(CustomerCache.TryFree(one));
        Assert.False(CustomerCache.TryFree(default));
        Assert.True(CustomerCache.TryFree(two));
        Assert.Equal(0, CustomerCache.Cache.Snapshot().LiveObjects);
    }

    [Fact]
    public void ByHandleAndByAddress_AreObjectsOfOneCache()
    {
        SlabPtr<Customer> byAddress = CustomerCache.Alloc();
        SlabHandle<Customer> byHandle = CustomerCache.AllocHandle();
        Assert.True(byHandle.TryGet(out SlabPtr<Customer> pointer));
        Assert.NotEqual(byAddress, pointer);
        Assert.Equal(2, CustomerCache.Cache.Snapshot().LiveObjects);
        CustomerCache.Free(byAddress);
        CustomerCache.Free(byHandle);
    }

    [Fact]
    public void AHandleOfAnotherCache_IsRefused()
    {
        SlabHandle<Customer> foreign = new SlabHandles<Customer>(SlabRuntime.Default.CreateCache<Customer>("foreign")).Alloc();
        Assert.False(CustomerCache.TryFree(foreign));
        Assert.Equal(SlabFault.StaleHandle, Assert.Throws<SlabException>(() => CustomerCache.Free(foreign)).Fault);
        Assert.True(foreign.IsLive);
    }

    [Fact]
    public void ItsObjectsDoNotMove() =>
        Assert.Throws<InvalidOperationException>(() => CustomerCache.Cache.SetMove((_, _) => SlabMoveReply.No));

    [Fact]
    public void Init_ComesBeforeTheHandle_AndFiniBeforeTheFree()
    {
        SlabHandle<Ticket> ticket = TicketCache.AllocHandle();
        Assert.Equal((1, 0), (Ticket.Inits, Ticket.Finis));
        Assert.Equal(Ticket.Open, ticket.Value.State);
        ticket.Value.Seat = 12;
        ticket.TryGet(out SlabPtr<Ticket> was);

        TicketCache.Free(ticket);
        Assert.Equal((1, 1, 12), (Ticket.Inits, Ticket.Finis, Ticket.LastSeat)); // Fini saw the object as it was
        Assert.Equal(0, was.Value.Seat); // cleared after Fini; an empty slab stays mapped for a reap interval

        Assert.True(TicketCache.TryAllocHandle(out ticket));
        Assert.True(TicketCache.TryFree(ticket));
        Assert.Equal((2, 2), (Ticket.Inits, Ticket.Finis));
        Assert.False(TicketCache.TryFree(ticket));
        Assert.Equal((2, 2), (Ticket.Inits, Ticket.Finis));
        AssertNothingLost();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void WhatInitRefuses_GoesBack_AndItsHandleToo(bool throws)
    {
        TicketCache.Free(TicketCache.AllocHandle());
        long entries = TicketCache.Cache.Handles.Bytes;
        (Ticket.Refuses, Ticket.InitThrows) = (true, throws);
        for (int i = 0; i < 1000; i++)
        {
            if (throws)
            {
                Assert.Throws<FormatException>(() => TicketCache.AllocHandle());
                Assert.Throws<FormatException>(() => TicketCache.TryAllocHandle(out _));
            }
            else
            {
                Assert.Throws<OutOfMemoryException>(() => TicketCache.AllocHandle());
                Assert.False(TicketCache.TryAllocHandle(out SlabHandle<Ticket> none));
                Assert.Equal(default, none);
            }
        }

        Ticket.Reset();
        AssertNothingLost();
        Assert.Equal(entries, TicketCache.Cache.Handles.Bytes); // the entries went back too: 2000 of them are not in use
    }

    [Fact]
    public void WhatFiniThrows_ComesOut_AndTheObjectIsFreed()
    {
        SlabHandle<Ticket> ticket = TicketCache.AllocHandle();
        Ticket.FiniThrows = true;
        Assert.Throws<FormatException>(() => TicketCache.Free(ticket));
        Assert.False(ticket.IsLive);
        Assert.False(TicketCache.TryFree(ticket));
        Ticket.Reset();
        AssertNothingLost();
    }

    [Fact]
    public void OfTwoThreadsThatFreeAHandle_OneDoes_AndFiniRunsOnce()
    {
        const int Rounds = 20_000;
        var tickets = new SlabHandle<Ticket>[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            tickets[i] = TicketCache.AllocHandle();
        }

        int freed = 0;
        using var start = new Barrier(2);
        var threads = new TestThreads();
        for (int i = 0; i < 2; i++)
        {
            threads.Start(() =>
            {
                start.SignalAndWait(TestContext.Current.CancellationToken);
                foreach (SlabHandle<Ticket> ticket in tickets)
                {
                    if (TicketCache.TryFree(ticket))
                    {
                        Interlocked.Increment(ref freed);
                    }
                }
            });
        }

        threads.Join();
        Assert.Equal((Rounds, Rounds, Rounds), (freed, Ticket.Inits, Ticket.Finis));
        AssertNothingLost();
    }

    [Fact]
    public void ASecondThread_IsRefused_BeforeItEndsAHandle()
    {
        SlabHandle<Coupon> coupon = default;
        var owner = new Thread(() => coupon = CouponCache.AllocHandle());
        owner.Start();
        owner.Join();
        Assert.Throws<InvalidOperationException>(() => CouponCache.AllocHandle());
        Assert.Throws<InvalidOperationException>(() => CouponCache.TryFree(coupon));
        Assert.Throws<InvalidOperationException>(() => CouponCache.Free(coupon));
        Assert.True(coupon.IsLive);
        Assert.Equal(1, CouponCache.Cache.Snapshot().LiveObjects);
    }

    private static void AssertNothingLost() => Assert.Equal(0, TicketCache.Cache.Snapshot().LiveObjects);
}

[SlabCache(Handles = true)]
internal struct Customer
{
    public long Id;
}

[SlabCache(Handles = true, SingleThreaded = true)]
internal struct Coupon
{
    public long Number;
}

[SlabCache(Handles = true, Zeroing = SlabZeroing.OnFree)]
internal struct Ticket
{
    public const int Open = 1;

    private static int s_inits, s_finis;

    public int State, Seat;

    public static int Inits => Volatile.Read(ref s_inits);

    public static int Finis => Volatile.Read(ref s_finis);

    public static int LastSeat { get; private set; }

    public static bool Refuses { get; set; }

    public static bool InitThrows { get; set; }

    public static bool FiniThrows { get; set; }

    public static void Reset()
    {
        (Refuses, InitThrows, FiniThrows) = (false, false, false);
        Volatile.Write(ref s_inits, 0);
        Volatile.Write(ref s_finis, 0);
    }

    [SlabInit]
    internal bool Init()
    {
        if (Refuses)
        {
            return InitThrows ? throw new FormatException("init") : false;
        }

        State = Open;
        Interlocked.Increment(ref s_inits);
        return true;
    }

    [SlabFini]
    internal void Fini()
    {
        if (FiniThrows)
        {
            throw new FormatException("fini");
        }

        Assert.Equal(Open, State);
        LastSeat = Seat;
        Interlocked.Increment(ref s_finis);
    }
}
