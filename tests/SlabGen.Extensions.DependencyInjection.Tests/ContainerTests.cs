using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace SlabGen.Extensions.DependencyInjection.Tests;

/// <summary>A container makes one runtime and a cache for each type, hands them to services, and ends them in order.</summary>
public sealed class ContainerTests
{
    [Fact]
    public void Services_get_caches_of_the_containers_runtime()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddSlabGen(static options => options with { MemoryLimit = 64 << 20 })
            .AddSingleton<Book>()
            .BuildServiceProvider(validateScopes: true);
        Book book = provider.GetRequiredService<Book>();
        SlabPtr<Order> order = book.Orders.Alloc();
        order.Value.Id = 7;
        book.Orders.Free(order);

        SlabRuntime runtime = provider.GetRequiredService<SlabRuntime>();
        Assert.Equal(64 << 20, runtime.MemoryLimit);
        Assert.Same(book.Orders, provider.GetRequiredService<KmemCache<Order>>());
        Assert.NotSame(book.Orders.Cache, provider.GetRequiredService<KmemCache<long>>().Cache);
        Assert.Equal(["Order", "Int64"], runtime.Caches.Select(static cache => cache.Name));
        Assert.NotSame(SlabRuntime.Default, runtime);
    }

    [Fact]
    public void A_cache_of_one_type_has_a_name_and_options()
    {
        using ServiceProvider provider = new ServiceCollection()
            .AddSlabGen()
            .AddSlabCache<Order>("orders", new SlabCacheOptions { MaxObjects = 3, MagazineRounds = 1 })
            .BuildServiceProvider();
        KmemCache<Order> orders = provider.GetRequiredService<KmemCache<Order>>();
        Assert.Equal("orders", orders.Cache.Name);
        var all = new SlabPtr<Order>[3];
        orders.AllocBulk(all);
        Assert.False(orders.TryAlloc(out _));
        orders.FreeBulk(all);
    }

    [Fact]
    public void A_registered_runtime_stays_and_the_default_one_is_not_ended()
    {
        var services = new ServiceCollection();
        services.AddSingleton(static _ => SlabRuntime.Default);
        using (ServiceProvider provider = services.AddSlabGen().BuildServiceProvider())
        {
            Assert.Contains(provider.GetRequiredService<KmemCache<Order>>().Cache, SlabRuntime.Default.Caches);
        }

        Assert.Null(SlabRuntime.Default.Report);
        SlabRuntime.Default.CreateCache("after", 64).Destroy();
    }

    [Fact]
    public void The_end_with_a_live_object_throws_nothing_and_is_told()
    {
        ServiceProvider provider = new ServiceCollection().AddSlabGen().AddSingleton<Book>().BuildServiceProvider();
        Book book = provider.GetRequiredService<Book>();
        SlabPtr<Order> live = book.Orders.Alloc();
        var told = new ConcurrentQueue<SlabRuntimeReport>();
        Action<SlabRuntimeReport> handler = report =>
        {
            if (report.Leaks.Any(leak => leak.Addresses.Contains(live.Address))) // the event is the process's: others leak beside this test
            {
                told.Enqueue(report);
            }
        };
        SlabRuntime.LeaksFound += handler;
        try
        {
            live.Value.Id = 7;
            SlabRuntime runtime = provider.GetRequiredService<SlabRuntime>();
            provider.Dispose();
            Assert.Equal(7, live.Value.Id); // still mapped
            Assert.Equal("Order", Assert.Single(runtime.Report!.Leaks).CacheName);
            Assert.Single(told); // by the cache, and not again by the runtime
        }
        finally
        {
            SlabRuntime.LeaksFound -= handler;
        }
    }

    internal struct Order
    {
        public long Id;
    }

    private sealed class Book(KmemCache<Order> orders)
    {
        public KmemCache<Order> Orders => orders;
    }
}
