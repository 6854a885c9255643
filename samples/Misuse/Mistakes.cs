using System.Runtime.CompilerServices;
using SlabGen;

namespace Misuse;

/// <summary>What programs do wrong with native memory. Each method is right but for one line.</summary>
internal static class Mistakes
{
    public static void DoubleFree(KmemCache orders, KmemCache trades)
    {
        nint order = orders.Alloc();
        orders.Free(order);
        orders.Free(order); // wrong
    }

    public static void WrongCache(KmemCache orders, KmemCache trades)
    {
        nint order = orders.Alloc();
        trades.Free(order); // wrong
    }

    public static void Interior(KmemCache orders, KmemCache trades)
    {
        nint order = orders.Alloc();
        orders.Free(order + 8); // wrong
    }

    public static void Overflow(KmemCache orders, KmemCache trades)
    {
        nint[] all = new nint[16];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = orders.Alloc();
            new SlabPtr<Order>(all[i]).Value.Id = i;
        }

        // One with another order behind it. Guarded orders lie alone: one that ends its page. Those with red zones have
        // one of these behind them.
        int size = Unsafe.SizeOf<Order>();
        nint order = Array.Find(all, one => all.Contains(one + size));
        order = order != 0 ? order : Array.Find(all, one => (one + size) % Environment.SystemPageSize == 0);
        order = order != 0 ? order : all[0];
        ref Order behind = ref new SlabPtr<Order>(order + size).Value;
        Unsafe.As<Order, byte>(ref behind) = 0xff; // wrong
        if (all.Contains(order + size))
        {
            Console.WriteLine($"the order behind it has the number {behind.Id}; it was {Array.IndexOf(all, order + size)}");
        }

        Array.ForEach(all, orders.Free);
    }

    public static void WriteAfterFree(KmemCache orders, KmemCache trades)
    {
        var order = new SlabPtr<Order>(orders.Alloc());
        orders.Free(order.Address);
        var other = new SlabPtr<Order>(orders.Alloc());
        other.Value.Price = 7;
        order.Value.Price = 666; // wrong
        Console.WriteLine($"another order has the price {other.Value.Price}; it was set to 7");
        orders.Free(other.Address);
    }

    public static void ReadAfterFree(KmemCache orders, KmemCache trades)
    {
        var order = new SlabPtr<Order>(orders.Alloc());
        order.Value.Price = 7;
        orders.Free(order.Address);
        var other = new SlabPtr<Order>(orders.Alloc());
        other.Value.Price = 666;
        Console.WriteLine($"the price is {order.Value.Price}; it was set to 7"); // wrong
        orders.Free(other.Address);
    }

    public static void Leak(KmemCache orders, KmemCache trades) => orders.Alloc(); // wrong

    public static void StaleHandle(KmemCache orders, KmemCache trades)
    {
        var handles = new SlabHandles<Order>(orders);
        if (handles.TryAlloc(out SlabHandle<Order> order))
        {
            handles.Free(order);
            Console.WriteLine($"the price is {order.Value.Price}"); // wrong
        }
    }
}
