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

// Caches made by hand, typed and by address, and a Kmalloc block; some in the process's runtime, some in another.
var runtime = new SlabRuntime(new SlabRuntimeOptions { MemoryLimit = 16 << 20 });
var typed = new KmemCache<Order>(runtime);
KmemCache byAddress = SlabRuntime.Default.CreateCache("by-address", 64), says = runtime.CreateCache("says", 64, new SlabCacheOptions { Checked = false });
SlabPtr<Order> ofTyped = typed.Alloc();
nint first = byAddress.Alloc(), second = says.Alloc(), block = SlabRuntime.Default.Kmalloc.Alloc(100);
typed.Free(ofTyped);
byAddress.Free(first);
says.Free(second);
SlabRuntime.Default.Kmalloc.Free(block);
Console.WriteLine($"{Again(() => typed.Free(ofTyped))} {Again(() => byAddress.Free(first))} {Again(() => SlabRuntime.Default.Kmalloc.Free(block))} {Again(() => says.Free(second))}");
Environment.Exit(0); // now: flushing this thread's magazine would find the double frees that fast mode let through

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
