using System;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SlabGen;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port: 0));
WebApplication app = builder.Build();

// The object is the request's across the awaits, and goes back at its end, on whichever thread that is. The answer is a copy, which nothing of it reaches.
app.MapGet("/orders/{id}", async (long id) =>
{
    using SlabOwner<Order> order = OrderCache.Own();
    order.Value = new Order { Id = id, Quantity = 3 };
    decimal price = await PriceOf(id); // first, and then written: no await in an expression that has a reference
    order.Value.Price = price;
    await Task.Yield();
    return Results.Ok(new OrderDto(order.Value.Id, order.Value.Price * order.Value.Quantity));
});

// What the documentation warns of: fields are no properties.
app.MapGet("/fields", () => Results.Ok(new Order { Id = 1 }));

// One that fails in the middle gives its object back, too.
app.MapGet("/fails", async context =>
{
    using SlabOwner<Order> order = OrderCache.Own();
    order.Value = default;
    await Task.Yield();
    context.Response.StatusCode = StatusCodes.Status418ImATeapot;
    throw new InvalidOperationException();
});

await app.StartAsync();
using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(app.Urls.Single()) };
Console.WriteLine(await client.GetStringAsync("/orders/7"));
Console.WriteLine(await client.GetStringAsync("/fields"));
string[] answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(id => client.GetStringAsync($"/orders/{id}")));
Console.WriteLine(answers.Index().Count(answer => answer.Item == $$"""{"id":{{answer.Index}},"total":{{answer.Index * 30}}}"""));
Console.WriteLine((int)(await client.GetAsync("/fails")).StatusCode);
await app.StopAsync();
Console.WriteLine($"{OrderCache.Cache.Snapshot().LiveObjects} {OrderCache.Cache.Snapshot().PeakObjects > 0}");

static async Task<decimal> PriceOf(long id)
{
    await Task.Delay(1);
    return id * 10;
}

[SlabCache]
public struct Order
{
    public long Id;
    public long Quantity;
    public decimal Price;
}

public sealed record OrderDto(long Id, decimal Total);
