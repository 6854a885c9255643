using System;
using System.Threading;
using System.Threading.Tasks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SlabGen;

SlabRuntime.LeaksFound += report => Console.WriteLine($"{report.Leaks[0].CacheName}: {report.Leaks[0].LiveObjects}");
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Services.AddSlabGen(options => options with { MinFreeBytes = 0 }).AddSlabCache<Order>("orders");
builder.Services.AddHostedService<Worker>();
await builder.Build().RunAsync();
Console.WriteLine("stopped");

public sealed class Worker(KmemCache<Order> orders, SlabRuntime runtime, IHostApplicationLifetime lifetime) : BackgroundService
{
    private SlabPtr<Order> _kept;

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _kept = orders.Alloc(); // never freed
        _kept.Value.Id = 7;
        Console.WriteLine($"{runtime.MemoryLimit} {_kept.Value.Id} {runtime.Caches.Count}");
        lifetime.StopApplication();
        return Task.CompletedTask;
    }
}

public struct Order
{
    public long Id;
}
