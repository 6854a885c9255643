using System.Buffers;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace SlabGen.AspNetCore.Tests;

/// <summary>A real Kestrel serves from slabs, gives all back, and does nothing that checked mode forbids.</summary>
public sealed class KestrelTests
{
    private const string Cache = "aspnetcore-kestrel-4k";
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static SlabRuntime NewRuntime(bool isChecked = false) => new(new SlabRuntimeOptions
    {
        MemoryLimit = 256 << 20,
        ReapInterval = TimeSpan.FromMilliseconds(100),
        Checked = isChecked,
    });

    private static CacheSnapshot? Buffers(SlabRuntime runtime) =>
        runtime.Caches.SingleOrDefault(cache => cache.Name == Cache)?.Snapshot();

    private static async Task UntilAsync(Func<bool> condition, Func<string> state)
    {
        using var patience = new CancellationTokenSource(s_patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, state());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Requests_are_served_from_slabs_and_nothing_is_left(bool tls, bool isChecked)
    {
        using SlabRuntime runtime = NewRuntime(isChecked);
        List<SlabRuntimeReport> told = [];
        void Listen(SlabRuntimeReport report)
        {
            lock (told)
            {
                told.Add(report);
            }
        }

        SlabRuntime.LeaksFound += Listen;
        try
        {
            await using (LoopbackServer server = await LoopbackServer.StartAsync(tls, services => services.AddSingleton(runtime).AddSlabGenMemoryPool()))
            {
                byte[] body = new byte[300_000];
                new Random(1).NextBytes(body);
                Assert.Equal("Hello, World!", await server.Client.GetStringAsync("/plain", TestContext.Current.CancellationToken));
                Assert.Equal("""{"message":"Hello, World!"}""", await server.Client.GetStringAsync("/json", TestContext.Current.CancellationToken));
                await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
                {
                    using HttpResponseMessage response = await server.Client.PostAsync("/echo", new ByteArrayContent(body), TestContext.Current.CancellationToken);
                    Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
                }));
                Assert.True(Buffers(runtime) is { PeakObjects: > 0 }, "Kestrel has taken no block of 4 KiB");
            }
        }
        finally
        {
            SlabRuntime.LeaksFound -= Listen;
        }

        Assert.DoesNotContain(told, report => report.Leaks.Any(leak => leak.CacheName.StartsWith("aspnetcore", StringComparison.Ordinal)));
        runtime.Close(); // throws if anything was live
    }

    [Fact]
    public async Task A_call_before_Kestrel_is_added_is_told_at_the_start()
    {
        using SlabRuntime runtime = NewRuntime();
        InvalidOperationException error = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            LoopbackServer.StartAsync(tls: false, services => services.AddSingleton(runtime).AddSlabGenMemoryPool(), early: true));
        Assert.Contains("before UseKestrel()", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_comes_back_after_a_burst(bool tls)
    {
        const int Connections = 32, BodyBytes = 512 << 10; // Kestrel buffers up to 1 MiB of each
        using SlabRuntime runtime = NewRuntime();
        await using (LoopbackServer server = await LoopbackServer.StartAsync(tls, services => services.AddSingleton(runtime).AddSlabGenMemoryPool()))
        {
            await server.Client.GetStringAsync("/plain", TestContext.Current.CancellationToken);
            Task<HttpResponseMessage>[] burst =
            [
                .. Enumerable.Range(0, Connections).Select(_ =>
                    server.Client.PostAsync("/hold", new ByteArrayContent(new byte[BodyBytes]), TestContext.Current.CancellationToken)),
            ];
            const long Most = (long)Connections * BodyBytes;
            long bytes = 0;
            await UntilAsync(() => (bytes = Buffers(runtime)!.Bytes) > Most / 2, () => $"{bytes} bytes of buffers for {Most} bytes of requests");
            server.Gate.SetResult();
            foreach (Task<HttpResponseMessage> request in burst)
            {
                using HttpResponseMessage response = await request;
                response.EnsureSuccessStatusCode();
            }

            // The connections are open still, and the server does nothing for it: no call of ours.
            await UntilAsync(() => (bytes = Buffers(runtime)!.Bytes) < Most / 16, () => $"{bytes} bytes of buffers are left of {Most}");
            await UntilAsync(() => runtime.CommittedBytes < Most / 2, () => $"{runtime.CommittedBytes} bytes are left of {Most}");
        }

        runtime.Close();
    }

    [Fact]
    public async Task The_factory_takes_the_place_of_the_frameworks()
    {
        using SlabRuntime runtime = NewRuntime();
        await using LoopbackServer server = await LoopbackServer.StartAsync(tls: false, services =>
        {
            services.AddSingleton(runtime);
            services.AddSlabGenMemoryPool().AddSlabGenMemoryPool();
        });
        IMemoryPoolFactory<byte> factory = Assert.Single(server.Services.GetServices<IMemoryPoolFactory<byte>>());
        using MemoryPool<byte> pool = factory.Create(new MemoryPoolOptions { Owner = "mine and\tyours" });
        Assert.Equal(1 << 20, pool.MaxBufferSize);
        using IMemoryOwner<byte> buffer = pool.Rent(5000);
        Assert.Contains(runtime.Caches, cache => cache.Name == "aspnetcore-mine_and_yours-5k" && cache.Snapshot().LiveObjects == 1);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Rent());
    }

    [Fact]
    public void A_buffer_that_is_never_given_back_is_told_with_its_site_at_the_end_of_the_container()
    {
        using SlabRuntime runtime = NewRuntime(isChecked: true);
        SlabRuntimeReport? told = null;
        void Listen(SlabRuntimeReport report) => told = report.Leaks.Any(leak => leak.CacheName == "aspnetcore-leaking") ? report : told;
        SlabRuntime.LeaksFound += Listen;
        IMemoryOwner<byte> buffer;
        try
        {
            using ServiceProvider services = new ServiceCollection().AddSingleton(runtime).AddSlabGenMemoryPool().BuildServiceProvider();
            buffer = services.GetRequiredService<IMemoryPoolFactory<byte>>().Create(new MemoryPoolOptions { Owner = "leaking" }).Rent();
        }
        finally
        {
            SlabRuntime.LeaksFound -= Listen;
        }

        Assert.Contains(nameof(A_buffer_that_is_never_given_back_is_told_with_its_site_at_the_end_of_the_container), Assert.Single(Assert.Single(told!.Leaks).Sites), StringComparison.Ordinal);
        buffer.Dispose(); // late, and not lost
        runtime.Close();
    }
}
