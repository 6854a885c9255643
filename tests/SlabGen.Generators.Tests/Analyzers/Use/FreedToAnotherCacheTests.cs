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
    public Task Of_the_generated_ones(string body) => Test.Reports(UserCode.Method(body), "'p' is an object of 'OrderCache' but is freed to 'CustomerCache'");

    [Fact]
    public Task Of_one_generic_class() => Test.Reports(
        UserCode.Method("nint p = BoxCache<int>.Cache.Alloc(); {|#0:BoxCache<long>.Cache.Free(p)|};") + " [SlabCache] public struct Box<T> where T : unmanaged { public T Content; }",
        "'p' is an object of 'BoxCache<int>' but is freed to 'BoxCache<long>'");

    [Theory]
    [InlineData("using var bids = new KmemCache<Order>(); using var asks = new KmemCache<Order>(); var p = bids.Alloc(); {|#0:asks.Free(p)|};", "bids", "asks")]
    [InlineData("KmemCache<Order> bids = new(name: \"bids\"); var p = bids.Alloc(); {|#0:OrderCache.Free(p)|};", "bids", "OrderCache")]
    [InlineData("var asks = new KmemCache<Order>(new SlabRuntime(), \"asks\"); var p = OrderCache.Alloc(); {|#0:asks.Free(p)|};", "OrderCache", "asks")]
    [InlineData("var p = s_bids.Alloc(); {|#0:s_asks.Free(p)|};", "s_bids", "s_asks")]
    [InlineData("var p = s_bids.AllocZeroed(); {|#0:s_asks.Cache.Free(p.Address)|};", "s_bids", "s_asks")]
    [InlineData("KmemCache a = s_runtime.CreateCache(\"a\", 8), b = s_runtime.CreateCache<long>(\"b\"); nint p = a.Alloc(); {|#0:b.Free(p)|};", "a", "b")]
    public Task Of_instances_that_are_made_here(string body, string owner, string other) => Test.Reports(
        UserCode.Class(Instances + $"static void Run() {{ {body} }}"), $"'p' is an object of '{owner}' but is freed to '{other}'");

    [Theory]
    [InlineData("private readonly KmemCache<Order> _bids, _asks; public Book(SlabRuntime runtime) { _bids = new KmemCache<Order>(runtime, \"bids\"); this._asks = new(runtime, \"asks\"); }")]
    [InlineData("private readonly KmemCache<Order> _bids = new(), _asks = new();")]
    public Task Of_readonly_fields(string members) => Test.Reports(
        UserCode.Class($"class Book {{ {members} void Run() {{ var p = _bids.Alloc(); {{|#0:_asks.Free(p)|}}; }} }}"), "'p' is an object of '_bids' but is freed to '_asks'");

    [Theory]
    [InlineData("private readonly KmemCache<Order> _bids, _asks; public Book(KmemCache<Order> bids, KmemCache<Order> asks) { _bids = bids; _asks = asks; }")]
    [InlineData("private readonly KmemCache<Order> _bids = new(), _asks; public Book() => _asks = _bids;")]
    [InlineData("private KmemCache<Order> _bids = new(), _asks = new();")]
    [InlineData("private readonly KmemCache<Order> _bids = new(), _asks = new(); public Book(Book other) { _asks = other._bids; _bids = other._bids; }")]
    [InlineData("private readonly KmemCache<Order> _bids = new(), _asks = new KmemCache<Order>(OrderCache.Cache);")]
    public Task Near_misses_of_fields(string members) => Test.IsSilent(UserCode.Class($"class Book {{ {members} void Run() {{ var p = _bids.Alloc(); _asks.Free(p); }} }}"));

    [Theory]
    [InlineData("using var bids = new KmemCache<Order>(); var p = bids.Alloc(); bids.Free(p);")]
    [InlineData("var bids = new KmemCache<Order>(); var p = bids.Alloc(); bids.Cache.Free(p.Address);")]
    [InlineData("var bids = new KmemCache<Order>(); var asks = bids; var p = bids.Alloc(); asks.Free(p);")]
    [InlineData("var bids = new KmemCache<Order>(); var asks = new KmemCache<Order>(); asks = bids; var p = bids.Alloc(); asks.Free(p);")]
    [InlineData("var bids = new KmemCache<Order>(); var asks = new KmemCache<Order>(); Swap(ref bids, ref asks); var p = bids.Alloc(); asks.Free(p);")]
    [InlineData("var orders = new KmemCache<Order>(OrderCache.Cache); var p = OrderCache.Alloc(); orders.Free(p);")]
    [InlineData("var p = s_given.Alloc(); s_bids.Free(p);")]
    [InlineData("foreach (var cache in new[] { s_bids, s_asks }) { var p = cache.Alloc(); s_bids.Free(p); }")]
    public Task Near_misses_of_instances(string body) => Test.IsSilent(UserCode.Class(Instances + $"static void Run() {{ {body} }}"));

    private const string Instances =
        """
        static readonly SlabRuntime s_runtime = new();
        static readonly KmemCache<Order> s_bids = new(s_runtime, "bids"), s_asks = new(s_runtime, "asks"), s_given = Given();
        static KmemCache<Order> Given() => s_bids;
        static void Swap(ref KmemCache<Order> a, ref KmemCache<Order> b) => (a, b) = (b, a);

        """;

    [Theory]
    [InlineData("nint p = OrderCache.Cache.Alloc(); OrderCache.Cache.Free(p);")]
    [InlineData("nint p = OrderCache.Cache.Alloc(); OrderCache.Free(new SlabPtr<Order>(p));")]
    [InlineData("KmemCache cache = OrderCache.Cache; nint p = OrderCache.Cache.Alloc(); cache.Free(p);")]
    [InlineData("KmemCache cache = CustomerCache.Cache; nint p = OrderCache.Cache.Alloc(); cache.Free(p);")]
    [InlineData("nint p = flag ? OrderCache.Cache.Alloc() : CustomerCache.Cache.Alloc(); if (flag) OrderCache.Cache.Free(p); else CustomerCache.Cache.Free(p);")]
    [InlineData("CustomerCache.Free(new SlabPtr<Customer>(array[0].Address));")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
