using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace SlabGen.AspNetCore.Tests;

/// <summary>A real Kestrel on loopback. <c>/plain</c> answers a text, <c>/json</c> an object, <c>/echo</c> what it gets, <c>/hold</c> waits for <see cref="Gate"/>.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app, bool tls)
    {
        _app = app;
        var uri = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        Client = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => tls }, // its own certificate, which nobody knows
        })
        { BaseAddress = uri };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public int Port => Client.BaseAddress!.Port;

    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static async Task<LoopbackServer> StartAsync(bool tls, Action<IServiceCollection> configure, bool early = false, int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Logging.ClearProviders();
        if (early)
        {
            configure(builder.Services);
        }

        builder.WebHost.UseKestrel().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port, listen =>
        {
            if (tls)
            {
                listen.UseHttps(Certificate());
            }
        }));
        if (!early)
        {
            configure(builder.Services);
        }

        WebApplication app = builder.Build();
        LoopbackServer? server = null;
        app.MapGet("/plain", () => "Hello, World!");
        app.MapGet("/json", () => Results.Text("""{"message":"Hello, World!"}""", "application/json"));
        app.MapPost("/echo", async context => await context.Request.Body.CopyToAsync(context.Response.Body));
        app.MapPost("/hold", async context =>
        {
            await server!.Gate.Task;
            await context.Request.Body.CopyToAsync(Stream.Null);
        });
        try
        {
            await app.StartAsync(TestContext.Current.CancellationToken);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }

        return server = new LoopbackServer(app, tls);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Gate.TrySetResult();
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2)); // not the half minute that a host waits for its clients
        await _app.StopAsync(soon.Token);
        if (Services.GetService<SlabRuntime>() is { } runtime)
        {
            // Kestrel cuts its last clients off, waits a second, and leaves what is under way then to itself.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (runtime.Caches.Any(cache => cache.Snapshot().LiveObjects > 0) && !patience.IsCancellationRequested)
            {
                await Task.Delay(5, CancellationToken.None);
            }
        }

        await _app.DisposeAsync();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), password: null);
    }
}
