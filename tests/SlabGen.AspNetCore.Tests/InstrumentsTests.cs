using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace SlabGen.AspNetCore.Tests;

/// <summary>Whoever watches the framework's pool sees the same instruments, with numbers that are true of slabs.</summary>
public sealed class InstrumentsTests
{
    private const string Prefix = "aspnetcore.memory_pool.";

    private static SlabRuntime NewRuntime() => new(new SlabRuntimeOptions { MemoryLimit = 64 << 20, ReapInterval = TimeSpan.FromMilliseconds(100) });

    /// <summary>The instruments and the sums of one host: its meters have its factory as their scope.</summary>
    private sealed class Watch : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Watch(IServiceProvider services)
        {
            object scope = services.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Microsoft.AspNetCore.MemoryPool" && instrument.Meter.Scope == scope)
                {
                    Instruments.Add($"{instrument.GetType().Name} {instrument.Name} {instrument.Unit} {instrument.Description}");
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                string owner = string.Join(",", tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
                Sums.AddOrUpdate((instrument.Name[Prefix.Length..], owner), value, (_, sum) => sum + value);
            });
            _listener.Start();
        }

        public ConcurrentBag<string> Instruments { get; } = [];

        public ConcurrentDictionary<(string Name, string Owner), long> Sums { get; } = new();

        public long Sum(string name, string owner = Prefix + "owner=kestrel") => Sums.GetValueOrDefault((name, owner));

        public void Dispose() => _listener.Dispose();
    }

    [Fact]
    public async Task They_are_the_frameworks_own()
    {
        string[] frameworks, slabs;
        await using (LoopbackServer server = await LoopbackServer.StartAsync(tls: false, _ => { }))
        using (var watch = new Watch(server.Services))
        {
            await server.Client.GetStringAsync("/plain", TestContext.Current.CancellationToken);
            frameworks = [.. watch.Instruments.Order(StringComparer.Ordinal)];
        }

        using SlabRuntime runtime = NewRuntime();
        await using (LoopbackServer server = await LoopbackServer.StartAsync(tls: false, services => services.AddSingleton(runtime).AddSlabGenMemoryPool()))
        using (var watch = new Watch(server.Services))
        {
            await server.Client.GetStringAsync("/plain", TestContext.Current.CancellationToken);
            slabs = [.. watch.Instruments.Order(StringComparer.Ordinal)];
        }

        Assert.Equal(4, frameworks.Length);
        Assert.Equal(frameworks, slabs);
    }

    [Fact]
    public async Task Their_sums_are_what_the_slabs_hold()
    {
        using SlabRuntime runtime = NewRuntime();
        await using LoopbackServer server = await LoopbackServer.StartAsync(tls: false, services => services.AddSingleton(runtime).AddSlabGenMemoryPool());
        using var watch = new Watch(server.Services);
        using HttpResponseMessage response = await server.Client.PostAsync("/echo", new ByteArrayContent(new byte[200_000]), TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.True(watch.Sum("rented") >= 200_000, $"{watch.Sum("rented")} bytes rented");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (watch.Sum("evicted") == 0)
        {
            Assert.False(patience.IsCancellationRequested, "nothing was evicted");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        // What was made and has not gone back is pooled or rented: all that a dashboard adds up.
        long left = watch.Sum("allocated") - watch.Sum("evicted");
        Assert.InRange(watch.Sum("pooled"), 0, left);
        Assert.InRange(left, 0, 64 << 20);
    }

    [Fact]
    public void Pools_of_one_owner_share_their_memory_and_their_counts()
    {
        using SlabRuntime runtime = NewRuntime();
        using ServiceProvider services = new ServiceCollection().AddMetrics().AddSingleton(runtime).AddSlabGenMemoryPool().BuildServiceProvider();
        IMemoryPoolFactory<byte> factory = services.GetRequiredService<IMemoryPoolFactory<byte>>();
        using var watch = new Watch(services);
        var options = new MemoryPoolOptions { Owner = "two" };
        factory.Create(options).Rent().Dispose();
        factory.Create(options).Rent(100).Dispose();
        factory.Create().Rent().Dispose();
        Assert.Equal(4096 + 112, watch.Sum("rented", Prefix + "owner=two"));
        Assert.Equal(4096, watch.Sum("rented", ""));
        Assert.Single(runtime.Caches, cache => cache.Name == "aspnetcore-two-4k");
    }
}
