using System;
using SlabGen;

#if ASSEMBLY_IS_FAST
[assembly: SlabCacheDefaults(Mode = SlabMode.Fast)]
#endif

SlabPtr<Order> order = OrderCache.Alloc();
SlabPtr<Fast> fast = FastCache.Alloc();
SlabPtr<Safe> safe = SafeCache.Alloc();
OrderCache.Free(order);
FastCache.Free(fast);
SafeCache.Free(safe);
Console.WriteLine($"{Again(() => OrderCache.Free(order))} {Again(() => FastCache.Free(fast))} {Again(() => SafeCache.Free(safe))}");
Environment.Exit(0); // what fast mode let through is found when the thread's magazine is flushed

static string Again(Action free)
{
    try
    {
        free();
        return "nothing";
    }
    catch (SlabException e)
    {
        return e.Fault.ToString();
    }
}

[SlabCache]
public struct Order
{
    public long Id;
}

[SlabCache(Mode = SlabMode.Fast)]
public struct Fast
{
    public long Id;
}

[SlabCache(Mode = SlabMode.Checked)]
public struct Safe
{
    public long Id;
}
