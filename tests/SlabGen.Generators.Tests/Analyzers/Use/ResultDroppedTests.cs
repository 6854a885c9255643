using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ResultDroppedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0100.</summary>
public sealed class ResultDroppedTests
{
    [Theory]
    [InlineData("{|#0:cache.Alloc()|};", "Alloc")]
    [InlineData("{|#0:cache.Rent()|};", "Rent")]
    public Task Of_a_cache_that_is_an_instance(string body, string method) => Test.Reports(
        UserCode.Class($"static void Run(KmemCache<Order> cache) {{ {body} }}"), $"The result of 'KmemCache.{method}' is dropped: the object can never be freed");

    [Theory]
    [InlineData("{|#0:OrderCache.Alloc()|};")]
    [InlineData("{|#0:OrderCache.AllocZeroed()|};")]
    [InlineData("if (flag) {|#0:OrderCache.Alloc()|};")]
    [InlineData("Action a = () => {|#0:OrderCache.Alloc()|};")]
    public Task Objects(string body) => Test.Reports(
        UserCode.Method(body),
        $"The result of 'OrderCache.{(body.Contains("Zeroed", StringComparison.Ordinal) ? "AllocZeroed" : "Alloc")}' is dropped: the object can never be freed");

    [Fact]
    public Task A_lease() => Test.Reports(
        UserCode.Method("{|#0:OrderCache.Rent()|};"),
        "The result of 'OrderCache.Rent' is dropped: the object can never be freed");

    [Fact]
    public Task An_object_of_the_untyped_cache() => Test.Reports(
        UserCode.Method("{|#0:OrderCache.Cache.Alloc()|};"),
        "The result of 'KmemCache.Alloc' is dropped: the object can never be freed");

    [Fact]
    public Task A_handle() => Test.Reports(
        UserCode.Method("{|#0:s_orders.Alloc()|};"),
        "The result of 'SlabHandles.Alloc' is dropped: the object can never be freed");

    [Fact]
    public Task An_object_of_a_local_cache() => Test.Reports(
        UserCode.Method("var local = OrderCache.OpenLocal(); {|#0:local.Alloc()|};"),
        "The result of 'Local.Alloc' is dropped: the object can never be freed");

    [Theory]
    [InlineData("_ = OrderCache.Alloc();")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData("using var lease = OrderCache.Rent();")]
    [InlineData("Use(OrderCache.Alloc());")]
    [InlineData("OrderCache.TryAlloc(out _);")]
    [InlineData("new Other().Alloc();")]
    [InlineData("Func<SlabPtr<Order>> f = () => OrderCache.Alloc();")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body) + " public class Other { public SlabPtr<Order> Alloc() => default; }");
}
