using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.HandledFreedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0113.</summary>
public sealed class HandledFreedTests
{
    [Theory]
    [InlineData("p", "var h = s_orders.Alloc(); if (h.TryGet(out var p)) {|#0:OrderCache.Free(p)|}; s_orders.Free(h);")]
    [InlineData("p", "var h = s_orders.Alloc(); h.TryGet(out SlabPtr<Order> p); {|#0:OrderCache.Cache.Free(p.Address)|};")]
    public Task By_its_pointer(string name, string body) => Test.Reports(
        UserCode.Method(body), $"'{name}' is the object of a handle, which stays live: free the handle, or end it with TryRelease first");

    [Theory]
    [InlineData("var h = s_orders.Alloc(); if (h.TryGet(out var p)) p.Value.Id = 1; s_orders.Free(h);")]
    [InlineData("var h = s_orders.Alloc(); if (s_orders.TryRelease(h, out var p)) OrderCache.Free(p);")]
    [InlineData("var h = s_orders.Alloc(); h.TryGet(out var p); p = array[0]; OrderCache.Free(p); s_orders.Free(h);")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
