using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.BulkLoopAnalyzer, SlabGen.CodeFixes.UseBulkFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0201.</summary>
public sealed class UseBulkFixTests
{
    [Theory]
    [InlineData(
        "for (int i = 0; i < array.Length; i++) { array[i] = {|SLAB0201:OrderCache.Alloc()|}; }",
        "OrderCache.AllocBulk(array);")]
    [InlineData(
        "for (int i = 0; i < array.Length; i++) {|SLAB0201:OrderCache.Free(array[i])|};",
        "OrderCache.FreeBulk(array);")]
    [InlineData(
        "foreach (var p in array) {|SLAB0201:OrderCache.Free(p)|};",
        "OrderCache.FreeBulk(array);")]
    [InlineData(
        "Span<SlabPtr<Order>> span = array; foreach (SlabPtr<Order> p in span) { {|SLAB0201:OrderCache.Free(p)|}; }",
        "Span<SlabPtr<Order>> span = array; OrderCache.FreeBulk(span);")]
    [InlineData(
        "Span<SlabPtr<Order>> span = array; for (int i = 0; i < span.Length; ++i) { span[i] = {|SLAB0201:OrderCache.Alloc()|}; }",
        "Span<SlabPtr<Order>> span = array; OrderCache.AllocBulk(span);")]
    public Task Fixes(string body, string expected) => Test.Fixes(UserCode.Method(body), UserCode.Method(expected));

    [Fact]
    public Task Fixes_an_instance() => Test.Fixes(
        UserCode.Class("void Run(KmemCache<Order> cache, SlabPtr<Order>[] array) { foreach (var p in array) {|SLAB0201:cache.Free(p)|}; }"),
        UserCode.Class("void Run(KmemCache<Order> cache, SlabPtr<Order>[] array) { cache.FreeBulk(array); }"));
}
