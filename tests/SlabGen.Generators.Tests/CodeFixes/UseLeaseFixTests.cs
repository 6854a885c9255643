using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.NotFreedAnalyzer, SlabGen.CodeFixes.UseLeaseFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0104.</summary>
public sealed class UseLeaseFixTests
{
    [Theory]
    [InlineData(
        "var p = {|SLAB0104:OrderCache.Alloc()|}; p.Value.Id = 1; Init(ref p.Value);",
        "using OrderCache.Lease p = OrderCache.Rent(); p.Value.Id = 1; Init(ref p.Value);")]
    [InlineData(
        "SlabPtr<Order> p = {|SLAB0104:OrderCache.Alloc()|}; if (flag) { p.Value.Id = 1; }",
        "using OrderCache.Lease p = OrderCache.Rent(); if (flag) { p.Value.Id = 1; }")]
    public Task Fixes(string body, string expected) => Test.Fixes(UserCode.Method(body), UserCode.Method(expected));

    [Theory]
    [InlineData("var p = {|SLAB0104:OrderCache.Alloc()|}; if (flag) return; OrderCache.Free(p);")]
    [InlineData("Order* p = {|SLAB0104:OrderCache.Alloc()|}; p->Id = 1;")]
    [InlineData("var p = {|SLAB0104:OrderCache.AllocZeroed()|}; p.Value.Id = 1;")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = {|SLAB0104:local.Alloc()|}; p.Value.Id = 1;")]
    [InlineData("var p = {|SLAB0104:OrderCache.OpenLocal().Alloc()|}; p.Value.Id = 1;")]
    [InlineData("var p = {|SLAB0104:OrderCache.Alloc()|}; Console.WriteLine(p.IsNull);")]
    [InlineData("{|SLAB0104:OrderCache.Alloc()|}.Value.Id = 1;")]
    [InlineData("var p = {|SLAB0104:OrderCache.Alloc(GfpFlags.Atomic)|}; p.Value.Id = 1;")]
    [InlineData("if (flag) goto end; var p = {|SLAB0104:OrderCache.Alloc()|}; p.Value.Id = 1; end: ;")]
    [InlineData("} async Task<int> Async() { var p = {|SLAB0104:OrderCache.Alloc()|}; p.Value.Id = 1; return 1;")]
    public Task Offers_none(string body) => Test.OffersNone(UserCode.Method(body));
}
