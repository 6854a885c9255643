using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.CapturedByLambdaAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0107.</summary>
public sealed class CapturedByLambdaTests
{
    [Theory]
    [InlineData("var p = OrderCache.Alloc(); s_action = {|#0:() => p.Value.Id = 1|}; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); Happened += {|#0:() => p.Value.Id = 1|}; OrderCache.Free(p);")]
    [InlineData("Order* p = OrderCache.Alloc(); s_action = {|#0:() => p->Id = 1|}; Check(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); try { s_action = {|#0:delegate { p.Value.Id = 1; }|}; } finally { OrderCache.Free(p); }")]
    public Task That_outlives_the_method(string body) => Test.Reports(UserCode.Method(body), "The lambda outlives the method and holds 'p', which the method frees");

    [Fact]
    public Task That_is_returned() => Test.Reports(
        UserCode.Class("static Func<long> Make() { var p = OrderCache.Alloc(); try { return {|#0:() => p.Value.Id|}; } finally { OrderCache.Free(p); } }"),
        "The lambda outlives the method and holds 'p', which the method frees");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); s_action = () => p.Value.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); Action a = () => p.Value.Id = 1; a(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); Array.ForEach(array, o => o.Value.Next = p); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); s_action = () => OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) { s_action = () => p.Value.Id = 1; } else { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); s_action = () => { var q = OrderCache.Alloc(); OrderCache.Free(q); }; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); Task.Run(() => p.Value.Id = 1).Wait(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = OrderCache.Alloc(); s_action = () => p.Value.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_action = () => { if (p.TryGet(out var q)) q.Value.Id = 1; }; s_orders.Free(p);")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
