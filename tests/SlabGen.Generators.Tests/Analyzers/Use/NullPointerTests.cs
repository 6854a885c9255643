using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NullPointerAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0105.</summary>
public sealed class NullPointerTests
{
    [Theory]
    [InlineData("SlabPtr<Order> p = default; {|#0:p.Value|}.Id = 1;")]
    [InlineData("var p = default(SlabPtr<Order>); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = new SlabPtr<Order>(); {|#0:p.Value|}.Id = 1;")]
    [InlineData("var p = new SlabPtr<Order>(0); {|#0:p.Value|}.Id = 1;")]
    [InlineData("Order* p = null; {|#0:p|}->Id = array[0].Value.Id;")]
    [InlineData("SlabPtr<Order> p = null; {|#0:p.Value|}.Id = 1;")]
    [InlineData("SlabPtr32<Order> p = default; {|#0:p.Value|}.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; var local = OrderCache.OpenLocal(); {|#0:local.Free(p)|};")]
    [InlineData("var p = array[0]; if (p.IsNull) Console.WriteLine({|#0:p.Value|}.Id);")]
    [InlineData("var p = array[0]; if (p == default) Console.WriteLine({|#0:p.Value|}.Id);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = default; {|#0:OrderCache.Free(p)|};")]
    public Task On_every_way(string body) => Test.Reports(UserCode.Method(body), "'p' is null here");

    [Theory]
    [InlineData("SlabPtr<Order> p = default; p = array[0]; p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; if (flag) p = array[0]; p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; if (!p.IsNull) p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; foreach (ref var o in p.AsSpan()) o.Id = 1;")]
    [InlineData("SlabHandle<Order> p = default; p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; OrderCache.TryAlloc(out p); p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; (p, _) = (array[0], 1); p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; Action a = () => p = array[0]; a(); p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; void Set() { p = array[0]; } Set(); p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; ref SlabPtr<Order> r = ref p; r = array[0]; p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; foreach (var o in array) { p = o; } p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; try { p = array[0]; } finally { p.Value.Id = 1; }")]
    [InlineData("SlabPtr<Order> p = default; SlabPtr<Order>* q = &p; *q = array[0]; p.Value.Id = 1;")]
    [InlineData("SlabPtr<Order> p = default; p = flag ? array[0] : array[1]; p.Value.Id = 1;")]
    [InlineData("Order* p = null; p = flag ? array[0] : (Order*)array[1]; p->Id = array[0].Value.Id;")]
    [InlineData("Order* p = null; p += 1; p->Id = array[0].Value.Id;")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));

    [Theory]
    [InlineData("static void Run(bool flag, SlabPtr<Order> p) { if (flag) p = default; p.Value.Id = 1; }")]
    [InlineData("static void Run(bool flag, SlabPtr<Order> p) { if (flag) { } else { p = default; } p.Value.Id = 1; }")]
    [InlineData("static void Run(bool flag) { if (flag) s_order = default; s_order.Value.Id = 1; }")]
    public Task What_a_parameter_or_field_held_before_is_not_known(string member) => Test.IsSilent(UserCode.Class(member));
}
