using System.Net;
using SlabGen;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddSlabGenMemoryPool();
builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
await using WebApplication app = builder.Build();
app.MapGet("/", () => new string('x', 100_000));
await app.StartAsync();
using var client = new HttpClient();
string reply = await client.GetStringAsync(app.Urls.Single());
long most = SlabRuntime.Default.Caches.Single(cache => cache.Name == "aspnetcore-kestrel-4k").Snapshot().PeakObjects;
Console.WriteLine($"{reply.Length} {most > 0}");
await app.StopAsync();
