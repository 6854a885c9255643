using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.UsedAfterFreeAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0102.</summary>
public sealed class UsedAfterFreeTests
{
    [Fact]
    public Task Of_a_cache_that_is_an_instance() => Test.Reports(
        UserCode.Class("static void Run(KmemCache<Order> cache) { var p = cache.Alloc(); cache.Free(p); {|#0:p.Value|}.Id = 1; }"), "'p' was freed, on every way that leads here: the object may be another owner's by now");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|}.Id = 1; p.Value.Id = 2;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Init(ref {|#0:p.Value|});")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|} = default;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); if (flag) Console.WriteLine({|#0:p.Value|}.Id);")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p|}->Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.AsBytes()|}.Clear();")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); foreach (ref var o in {|#0:p.AsSpan()|}) o.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = local.Alloc(); local.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:*p|} = default;")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p[0]|} = default;")]
    [InlineData("foreach (var p in array) { OrderCache.Free(p); Console.WriteLine({|#0:p.Value|}.Id); }")]
    [InlineData("var p = OrderCache.Alloc(); try { } finally { OrderCache.Free(p); } {|#0:p.Value|}.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) { OrderCache.Free(p); Console.WriteLine({|#0:p.Value|}.Id); return; } OrderCache.Free(p);")]
    [InlineData("var p = array[0]; for (; ; ) { OrderCache.Free(p); p = {|#0:p.Value|}.Next; if (p.IsNull) break; }")]
    public Task On_every_way(string body) => Test.Reports(UserCode.Method(body), "'p' was freed, on every way that leads here: the object may be another owner's by now");

    [Fact]
    public Task In_an_async_method() => Test.Reports(
        UserCode.Class("}  public class Async { static async Task Run() { var p = OrderCache.Alloc(); await Task.Yield(); OrderCache.Free(p); await Task.Yield(); {|#0:p.Value|}.Id = 1; }"),
        "'p' was freed, on every way that leads here: the object may be another owner's by now");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) OrderCache.Free(p); if (!flag) { p.Value.Id = 1; OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Console.WriteLine(p); Console.WriteLine(p.Address); Console.WriteLine(p.IsNull);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); var q = OrderCache.Alloc(); Console.WriteLine(p == q); OrderCache.Free(q);")]
    [InlineData("for (var p = array[0]; !p.IsNull; ) { var next = p.Value.Next; OrderCache.Free(p); p = next; }")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); p.Value.Id = 1; } finally { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); OrderCache.Free(p); } catch { p.Value.Id = 1; }")]
    [InlineData("Order* p = OrderCache.Alloc(); p->Id = 1; (*p).Price = 2; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.AsBytes().Clear(); p.AsSpan()[0].Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); if (p.IsLive) p.Value.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); if (p.TryGet(out var q)) q.Value.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); Console.WriteLine(p.IsLive); Console.WriteLine(p); Check();")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Console.WriteLine(nameof(p.Value));")]
    [InlineData("var p = OrderCache.Alloc(); do { p.Value.Id = 1; if (flag) { OrderCache.Free(p); p = OrderCache.Alloc(); } } while (Check()); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); goto use; free: OrderCache.Free(p); return; use: p.Value.Id = 1; goto free;")]
    [InlineData("var p = OrderCache.Alloc(); switch (array.Length) { case 0: OrderCache.Free(p); break; case 1: p.Value.Id = 1; goto case 0; default: p.Value.Id = 2; OrderCache.Free(p); break; }")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
