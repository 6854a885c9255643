using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedToAnotherCacheAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0103.</summary>
public sealed class FreedToAnotherCacheTests
{
    [Theory]
    [InlineData("nint p = OrderCache.Cache.Alloc(); {|#0:CustomerCache.Cache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); {|#0:CustomerCache.Cache.Free(p.Address)|};")]
    [InlineData("var p = OrderCache.Alloc(); {|#0:CustomerCache.Free(new SlabPtr<Customer>(p.Address))|};")]
    [InlineData("Order* p = OrderCache.Alloc(); {|#0:CustomerCache.Free((Customer*)p)|};")]
    [InlineData("void* p = (Order*)OrderCache.Alloc(); {|#0:CustomerCache.Free((Customer*)p)|};")]
    public Task Of_the_generated_ones(string body) => Test.Reports(UserCode.Method(body), "'p' is an object of 'OrderCache' and is freed to 'CustomerCache'");

    [Fact]
    public Task Of_one_generic_class() => Test.Reports(
        UserCode.Method("nint p = BoxCache<int>.Cache.Alloc(); {|#0:BoxCache<long>.Cache.Free(p)|};") + " [SlabCache] public struct Box<T> where T : unmanaged { public T Content; }",
        "'p' is an object of 'BoxCache<int>' and is freed to 'BoxCache<long>'");

    [Theory]
    [InlineData("nint p = OrderCache.Cache.Alloc(); OrderCache.Cache.Free(p);")]
    [InlineData("nint p = OrderCache.Cache.Alloc(); OrderCache.Free(new SlabPtr<Order>(p));")]
    [InlineData("KmemCache cache = OrderCache.Cache; nint p = OrderCache.Cache.Alloc(); cache.Free(p);")]
    [InlineData("KmemCache cache = CustomerCache.Cache; nint p = OrderCache.Cache.Alloc(); cache.Free(p);")]
    [InlineData("nint p = flag ? OrderCache.Cache.Alloc() : CustomerCache.Cache.Alloc(); if (flag) OrderCache.Cache.Free(p); else CustomerCache.Cache.Free(p);")]
    [InlineData("CustomerCache.Free(new SlabPtr<Customer>(array[0].Address));")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
