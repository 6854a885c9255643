using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ReadUnwrittenAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0114.</summary>
public sealed class ReadUnwrittenTests
{
    [Theory]
    [InlineData("var p = OrderCache.Alloc(); Console.WriteLine({|#0:p.Value|}.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); {|#0:p.Value|}.Id++; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); {|#0:p.Value|}.Price += 2; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if ({|#0:p.Value|}.Id == 0) p.Value.Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); var next = {|#0:p.Value|}.Next; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); var copy = {|#0:p.Value|}; copy.Id = 1; p.Value = copy; OrderCache.Free(p);")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = local.Alloc(); Console.WriteLine({|#0:p.Value|}.Id); local.Free(p);")]
    public Task Of_a_new_object(string body) => Test.Reports(
        UserCode.Method(body), "'p' is read before it is written: the object may hold another object's old data");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Id = 1; Console.WriteLine(p.Value.Price); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.Value = default; Console.WriteLine(p.Value.Price); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.Value = new Order { Id = 1 }; p.Value.Price++; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.AllocZeroed(); Console.WriteLine(p.Value.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(GfpFlags.Kernel | GfpFlags.Zero); Console.WriteLine(p.Value.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); Init(ref p.Value); Console.WriteLine(p.Value.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); ref Order o = ref p.Value; o.Id = 1; Console.WriteLine(p.Value.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); Use(p); Console.WriteLine(p.Value.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.AsBytes().Clear(); Console.WriteLine(p.Value.Id); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) p.Value.Id = 1; Console.WriteLine(flag ? p.Value.Id : 0); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); array[0] = p; Console.WriteLine(p.Value.Id);")]
    [InlineData("var p = array[0]; Console.WriteLine(p.Value.Id);")]
    [InlineData("Order* p = OrderCache.Alloc(); p->Id = 1; Console.WriteLine(p->Price); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Id = flag ? 1 : 2; OrderCache.Free(p);")]
    [InlineData("using var lease = OrderCache.Rent(); lease.Value.Id = 1; Console.WriteLine(lease.Value.Price);")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));

    [Theory]
    [InlineData("var cache = new KmemCache<Order>();")]
    [InlineData("using KmemCache<Order> cache = new(name: \"orders\", options: null);")]
    [InlineData("var cache = new KmemCache<Order>(new SlabRuntime(), \"orders\", new SlabCacheOptions { MaxObjects = 10 });")]
    public Task Of_an_instance_that_is_made_without_clearing(string made) => Test.Reports(
        UserCode.Class($"static void Run() {{ {made} var p = cache.Alloc(); {{|#0:p.Value|}}.Id++; cache.Free(p); }}"),
        "'p' is read before it is written: the object may hold another object's old data");

    [Theory]
    [InlineData("var cache = new KmemCache<Order>(options: new SlabCacheOptions { Zeroing = SlabZeroing.OnAlloc });")]
    [InlineData("var cache = new KmemCache<Order>(options: new SlabCacheOptions { TypeSafeByRcu = true });")]
    [InlineData("var cache = new KmemCache<Order>(options: s_options);")]
    [InlineData("var cache = new KmemCache<Order>(options: s_options with { MaxObjects = 1 });")]
    [InlineData("var cache = new KmemCache<Order>(OrderCache.Cache);")]
    [InlineData("var cache = s_given;")]
    public Task An_instance_that_may_clear_is_left_alone(string made) => Test.IsSilent(UserCode.Class(
        $"static SlabCacheOptions s_options = new(); static KmemCache<Order> s_given = new(options: s_options); static void Run() {{ {made} var p = cache.Alloc(); p.Value.Id++; cache.Free(p); }}"));

    [Theory]
    [InlineData("(Zeroing = SlabZeroing.OnAlloc)", "")]
    [InlineData("(TypeSafeByRcu = true)", "")]
    [InlineData("", "[SlabInit] internal void Start() => Id = 1;")]
    [InlineData("", "[SlabConstructor] internal void Start() => Id = 1;")]
    public Task What_comes_with_a_content_may_be_read(string arguments, string member) => Test.IsSilent(
        $$"""
        using SlabGen;
        [SlabCache{{arguments}}] public struct Line { public long Id; {{member}} }
        public class User { static long Run() { var p = LineCache.Alloc(); long id = p.Value.Id; LineCache.Free(p); return id; } }
        """);
}
