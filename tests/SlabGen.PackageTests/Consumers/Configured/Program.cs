using System;
using SlabGen;

try
{
    if (args is ["code"])
    {
        SlabRuntime.ConfigureDefault(SlabRuntimeOptions.FromRuntimeConfig() with { MemoryLimit = 48 << 20 });
    }

    Console.WriteLine(SlabRuntime.Default.MemoryLimit);
    SlabPtr<Order> order = OrderCache.Alloc();
    OrderCache.Free(order);
    SlabRuntime.ConfigureDefault(new SlabRuntimeOptions());
}
catch (InvalidOperationException e)
{
    Console.WriteLine(e.Message);
}

[SlabCache]
public struct Order
{
    public long Id;
}
