using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.DefaultHandleAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0109.</summary>
public sealed class DefaultHandleTests
{
    [Theory]
    [InlineData("SlabHandle<Order> h = default; {|#0:h.Value|}.Id = 1;")]
    [InlineData("var h = default(SlabHandle<Order>); {|#0:s_orders.Free(h)|};")]
    [InlineData("var h = new SlabHandle<Order>(); Init(ref {|#0:h.Value|});")]
    [InlineData("SlabHandle<Order> h = default; var copy = h; h = s_orders.Alloc(); {|#0:copy.Value|}.Id = 1;", "copy")]
    [InlineData("var h = s_orders.Alloc(); s_orders.Free(h); h = default; {|#0:h.Value|}.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; if (flag) h = default; {|#0:h.Value|}.Id = 1;")]
    [InlineData("SlabHandle<Order> h; s_orders.TryAlloc(out h); if (h == default) Console.WriteLine({|#0:h.Value|}.Id);")]
    [InlineData("SlabHandle<Order> h = default; if (!h.IsLive) Console.WriteLine({|#0:h.Value|}.Id);")]
    public Task On_every_way(string body, string handle = "h") => Test.Reports(UserCode.Method(body), $"'{handle}' is the default handle here, which refers to no object");

    [Theory]
    [InlineData("SlabHandle<Order> h = default; h = s_orders.Alloc(); h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; if (flag) h = s_orders.Alloc(); h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; s_orders.TryAlloc(out h); h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; if (h.IsLive) h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; if (h.TryGet(out _)) h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; if (!h.TryGet(out var p)) return; h.Value.Id = p.Value.Id;")]
    [InlineData("SlabHandle<Order> h = default; if (h != default) h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; Console.WriteLine(h.IsLive); Console.WriteLine(h); Console.WriteLine(s_orders.Owns(h));")]
    [InlineData("SlabHandle<Order> h = default; Action a = () => h = s_orders.Alloc(); a(); h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; ref var r = ref h; r = s_orders.Alloc(); h.Value.Id = 1;")]
    [InlineData("SlabHandle<Order> h = default; foreach (var o in array) { h = s_orders.Alloc(); } h.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> h = default; h.Value.Id = 1;")]
    [InlineData("Other.SlabHandle<Order> h = default; Console.WriteLine(h.Value);")]
    public Task Near_misses(string body) => Test.IsSilent(
        UserCode.Method(body) + " public static class Other { public struct SlabHandle<T> { public int Value => 1; } }");
}
