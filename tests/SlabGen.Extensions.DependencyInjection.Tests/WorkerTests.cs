using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace SlabGen.Extensions.DependencyInjection.Tests;

/// <summary>A worker whose service holds objects to its end stops in order.</summary>
public sealed class WorkerTests
{
    [Fact]
    public async Task A_host_with_a_live_object_stops_without_an_exception()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddSlabGen(static options => options with { MemoryLimit = 64 << 20 });
        builder.Services.AddHostedService<Worker>();
        SlabRuntime runtime;
        using (IHost host = builder.Build())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            runtime = host.Services.GetRequiredService<SlabRuntime>();
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, Assert.Single(runtime.Report!.Leaks).LiveObjects);
    }

    private sealed class Worker(KmemCache<long> cache) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken)
        {
            cache.Alloc().Value = 1; // never freed
            return Task.CompletedTask;
        }
    }
}
