using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.LeaseCopiedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0106.</summary>
public sealed class LeaseCopiedTests
{
    [Fact]
    public Task Of_a_cache_that_is_an_instance() => Test.Reports(
        UserCode.Class("static void Run(KmemCache<Order> cache) { using var lease = cache.Rent(); var other = {|#0:lease|}; }"), "'lease' is copied: each of the two leases would free the object");

    [Theory]
    [InlineData("using var lease = OrderCache.Rent(); var other = {|#0:lease|};")]
    [InlineData("using var lease = OrderCache.Rent(); OrderCache.Lease other; other = {|#0:lease|};")]
    [InlineData("using var lease = OrderCache.Rent(); Take({|#0:lease|}); static void Take(OrderCache.Lease l) { }")]
    public Task Into_another_variable(string body) => Test.Reports(UserCode.Method(body), "'lease' is copied: each of the two leases would free the object");

    [Theory]
    [InlineData("using var lease = OrderCache.Rent(); lease.Value.Id = 1; Use(lease.Pointer);")]
    [InlineData("using (OrderCache.Lease lease = OrderCache.Rent()) { }")]
    [InlineData("using var lease = OrderCache.Rent(); Take(in lease); static void Take(in OrderCache.Lease l) { }")]
    [InlineData("var lease = OrderCache.Rent(); Take(ref lease); static void Take(ref OrderCache.Lease l) { l.Dispose(); }")]
    [InlineData("var lease = OrderCache.Rent(); ref var other = ref lease; other.Dispose();")]
    [InlineData("OrderCache.Lease Make() { var lease = OrderCache.Rent(); lease.Value.Id = 1; return lease; }")]
    [InlineData("var lease = OrderCache.Rent(); lease.Dispose(); lease = OrderCache.Rent(); lease.Dispose(); lease = default;")]
    [InlineData("var a = new Other.Lease(); var b = a;")]
    [InlineData("var local = OrderCache.OpenLocal(); var other = local; Take(other); static void Take(OrderCache.Local l) { }")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body) + " public class Other { public ref struct Lease { } }");
}
