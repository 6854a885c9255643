using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.UsedAfterFreeAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0102.</summary>
public sealed class UsedAfterFreeTests
{
    [Fact]
    public Task Of_a_cache_that_is_an_instance() => Test.Reports(
        UserCode.Class("static void Run(KmemCache<Order> cache) { var p = cache.Alloc(); cache.Free(p); {|#0:p.Value|}.Id = 1; }"), "'p' was freed on every path that leads here: another owner may have the object now");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|}.Id = 1; p.Value.Id = 2;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Init(ref {|#0:p.Value|});")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|} = default;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); if (flag) Console.WriteLine({|#0:p.Value|}.Id);")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p|}->Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.AsBytes()|}.Clear();")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); foreach (ref var o in {|#0:p.AsSpan()|}) o.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = local.Alloc(); local.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:*p|} = default;")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p[0]|} = default;")]
    [InlineData("foreach (var p in array) { OrderCache.Free(p); Console.WriteLine({|#0:p.Value|}.Id); }")]
    [InlineData("var p = OrderCache.Alloc(); try { } finally { OrderCache.Free(p); } {|#0:p.Value|}.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) { OrderCache.Free(p); Console.WriteLine({|#0:p.Value|}.Id); return; } OrderCache.Free(p);")]
    [InlineData("var p = array[0]; for (; ; ) { OrderCache.Free(p); p = {|#0:p.Value|}.Next; if (p.IsNull) break; }")]
    [InlineData("SlabPtr<Order> head = default; for (int i = 0; i < 3; i++) { var o = OrderCache.Alloc(); o.Value = new Order { Next = head }; head = o; } for (var p = head; !p.IsNull; p = {|#0:p.Value|}.Next) OrderCache.Free(p);")]
    public Task On_every_way(string body) => Test.Reports(UserCode.Method(body), "'p' was freed on every path that leads here: another owner may have the object now");

    [Theory]
    [InlineData("s_order", "OrderCache.Free(s_order); {|#0:s_order.Value|}.Id = 1;")]
    [InlineData("s_order", "OrderCache.Free(s_order); Console.WriteLine({|#0:s_order.Value|}.Id);")]
    [InlineData("_head", "OrderCache.Free(_head); _head = {|#0:_head.Value|}.Next;")]
    [InlineData("this._head", "OrderCache.Free(_head); Init(ref {|#0:this._head.Value|});")]
    [InlineData("_head", "var p = OrderCache.Alloc(); _head = p; OrderCache.Free(p); {|#0:_head.Value|}.Id = 1;")]
    [InlineData("o", "var p = array[0]; ref Order o = ref p.Value; OrderCache.Free(p); {|#0:o|}.Id = 1;")]
    [InlineData("o", "ref Order o = ref _head.Value; OrderCache.Free(_head); Console.WriteLine({|#0:o|}.Id);")]
    [InlineData("id", "var p = OrderCache.Alloc(); ref long id = ref p.Value.Id; OrderCache.Free(p); {|#0:id|}++;")]
    [InlineData("other", "var p = OrderCache.Alloc(); ref Order o = ref p.Value; ref Order other = ref o; OrderCache.Free(p); Init(ref {|#0:other|});")]
    [InlineData("o", "var p = s_orders.Alloc(); ref readonly Order o = ref p.Value; s_orders.Free(p); Console.WriteLine({|#0:o|}.Id);")]
    [InlineData("o", "ref Order o = ref array[0].Value; using (var lease = OrderCache.Rent()) { o = ref lease.Value; } {|#0:o|}.Id = 1;")]
    [InlineData("lease", "var lease = OrderCache.Rent(); lease.Dispose(); {|#0:lease.Value|}.Id = 1;")]
    [InlineData("p", "SlabPtr<Order> p; using (var lease = OrderCache.Rent()) { p = lease.Pointer; } {|#0:p.Value|}.Id = 1;")]
    [InlineData("p", "var p = array[0]; Drop(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("p", "var p = Make(); OrderCache.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("p", "var p = array[0]; if (flag) Fail(); else OrderCache.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("p", "var p = array[0]; if (!flag) { Environment.FailFast(\"\"); } else { OrderCache.Free(p); } {|#0:p.Value|}.Id = 1;")]
    public Task In_a_field_by_a_reference_or_through_a_method(string name, string body) => Test.Reports(
        InClass(body), $"'{name}' was freed on every path that leads here: another owner may have the object now");

    [Theory]
    [InlineData("OrderCache.Free(_head); _head = array[0]; _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_head); Next(); _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_head); _ = Property; _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_head); _ = new User(); _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_head); _other!._head = array[0]; _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_other!._head); _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_head); (_head, _) = (array[0], 1); _head.Value.Id = 1;")]
    [InlineData("ref SlabPtr<Order> head = ref _head; OrderCache.Free(_head); head = array[0]; _head.Value.Id = 1;")]
    [InlineData("OrderCache.Free(_head); System.Threading.Interlocked.Exchange(ref _number, 1); _head.Value.Id = 1;")]
    [InlineData("if (flag) OrderCache.Free(_head); if (!flag) _head.Value.Id = 1;")]
    [InlineData("void Set() => _head = array[0]; OrderCache.Free(_head); Set(); _head.Value.Id = 1;")]
    [InlineData("Action set = () => _head = array[0]; OrderCache.Free(_head); set(); _head.Value.Id = 1;")]
    [InlineData("if (flag) _head = default; if (!_head.IsNull) _head.Value.Id = 1;")]
    [InlineData("var p = array[0]; ref Order o = ref p.Value; o.Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = array[0]; ref Order o = ref p.Value; OrderCache.Free(p); o = ref array[1].Value; o.Id = 1;")]
    [InlineData("var p = array[0]; ref Order o = ref p.Value; OrderCache.Free(p); ref Order other = ref o;")]
    [InlineData("var p = array[0]; ref Order o = ref p.Value; if (flag) OrderCache.Free(p); if (!flag) o.Id = 1;")]
    [InlineData("var p = array[0]; ref Order o = ref p.Value; p = array[1]; OrderCache.Free(p); o.Id = 1;")]
    [InlineData("using var lease = OrderCache.Rent(); lease.Value.Id = 1;")]
    [InlineData("using OrderCache.Lease lease = OrderCache.Rent(); ref Order o = ref lease.Value; o.Id = 1;")]
    [InlineData("var p = array[0]; Maybe(p, flag); p.Value.Id = 1;")]
    [InlineData("var p = array[0]; if (flag) Fail(); OrderCache.Free(p);")]
    public Task Near_misses_of_fields_references_and_methods(string body) => Test.IsSilent(InClass(body));

    private static string InClass(string body) => UserCode.Class(
        $$"""
        SlabPtr<Order> _head; User? _other; int _number;
        static int Property => 1;
        void Next() => _head = default;
        private static void Drop(SlabPtr<Order> order) { Console.WriteLine(order.Value.Id); OrderCache.Free(order); }
        private static void Maybe(SlabPtr<Order> order, bool free) { if (!free) return; OrderCache.Free(order); }
        private static SlabPtr<Order> Make() { var made = OrderCache.Alloc(); made.Value.Id = 1; return made; }
        private static void Fail() => throw new InvalidOperationException();
        void Run(bool flag, SlabPtr<Order>[] array) { {{body}} }
        """);

    [Fact]
    public Task In_an_async_method() => Test.Reports(
        UserCode.Class("}  public class Async { static async Task Run() { var p = OrderCache.Alloc(); await Task.Yield(); OrderCache.Free(p); await Task.Yield(); {|#0:p.Value|}.Id = 1; }"),
        "'p' was freed on every path that leads here: another owner may have the object now");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) OrderCache.Free(p); if (!flag) { p.Value.Id = 1; OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Console.WriteLine(p); Console.WriteLine(p.Address); Console.WriteLine(p.IsNull);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); var q = OrderCache.Alloc(); Console.WriteLine(p == q); OrderCache.Free(q);")]
    [InlineData("for (var p = array[0]; !p.IsNull; ) { var next = p.Value.Next; OrderCache.Free(p); p = next; }")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); p.Value.Id = 1; } finally { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); OrderCache.Free(p); } catch { p.Value.Id = 1; }")]
    [InlineData("Order* p = OrderCache.Alloc(); p->Id = 1; (*p).Price = 2; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.AsBytes().Clear(); p.AsSpan()[0].Id = 1; OrderCache.Free(p);")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); if (p.IsLive) p.Value.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); if (p.TryGet(out var q)) q.Value.Id = 1;")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); Console.WriteLine(p.IsLive); Console.WriteLine(p); Check();")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Console.WriteLine(nameof(p.Value));")]
    [InlineData("var p = OrderCache.Alloc(); do { p.Value.Id = 1; if (flag) { OrderCache.Free(p); p = OrderCache.Alloc(); } } while (Check()); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); goto use; free: OrderCache.Free(p); return; use: p.Value.Id = 1; goto free;")]
    [InlineData("var p = OrderCache.Alloc(); switch (array.Length) { case 0: OrderCache.Free(p); break; case 1: p.Value.Id = 1; goto case 0; default: p.Value.Id = 2; OrderCache.Free(p); break; }")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));

    [Theory]
    [InlineData("static IEnumerable<int> Later(SlabPtr<Order> order) { OrderCache.Free(order); yield return 1; }")]
    [InlineData("static async Task Later(SlabPtr<Order> order) { await Task.Yield(); OrderCache.Free(order); }")]
    public Task Near_misses_of_methods_that_free_later(string method) => Test.IsSilent(
        UserCode.Class($"static void Run() {{ var p = OrderCache.Alloc(); object later = Later(p); p.Value.Id = 1; }} private {method}").Replace("public unsafe class", "public class", StringComparison.Ordinal));
}
