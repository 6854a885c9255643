using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FreedTwiceAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0101.</summary>
public sealed class FreedTwiceTests
{
    [Fact]
    public Task To_a_cache_that_is_an_instance() => Test.Reports(
        UserCode.Class("static void Run(KmemCache<Order> cache) { var p = cache.Alloc(); cache.Free(p); {|#0:cache.Free(p)|}; }"), "'p' is already free on every path that leads here");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); var q = p; OrderCache.Free(q); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = array[0]; OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) OrderCache.Free(p); else OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); if (flag) {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); } finally { OrderCache.Free(p); } {|#0:OrderCache.Free(p)|};")]
    [InlineData("Order* p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); Order* q = p; OrderCache.Free(p); {|#0:OrderCache.Free(q)|};")]
    [InlineData("var p = (SlabPtr32<Order>)OrderCache.Alloc(); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); {|#0:s_orders.Free(p)|};")]
    [InlineData("var p = s_orders.Alloc(); var q = p; s_orders.Free(q); {|#0:s_orders.Free(p)|};")]
    [InlineData("if (s_orders.TryAlloc(out var p)) { s_orders.Free(p); {|#0:s_orders.Free(p)|}; }")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = local.Alloc(); local.Free(p); {|#0:local.Free(p)|};")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = OrderCache.Alloc(); local.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("nint p = OrderCache.Cache.Alloc(); OrderCache.Cache.Free(p); {|#0:OrderCache.Cache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:OrderCache.Cache.Free(p.Address)|};")]
    [InlineData("if (OrderCache.TryAlloc(out SlabPtr<Order> p)) { OrderCache.Free(p); {|#0:OrderCache.Free(p)|}; }")]
    [InlineData("foreach (SlabPtr<Order> p in array) { OrderCache.Free(p); {|#0:OrderCache.Free(p)|}; }")]
    [InlineData("Action<SlabPtr<Order>> a = p => { OrderCache.Free(p); {|#0:OrderCache.Free(p)|}; };")]
    [InlineData("void Local(SlabPtr<Order> p) { OrderCache.Free(p); {|#0:OrderCache.Free(p)|}; }")]
    [InlineData("var p = OrderCache.Alloc(); while (true) { OrderCache.Free(p); {|#0:OrderCache.Free(p)|}; if (Check()) break; }")]
    [InlineData("var p = OrderCache.Alloc(); Use(p); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); if (!p.IsNull && p != default) {|#0:OrderCache.Free(p)|};")]
    public Task On_every_way(string body) => Test.Reports(
        UserCode.Method(body), $"'{(body.Contains("Free(q)|}", StringComparison.Ordinal) ? "q" : "p")}' is already free on every path that leads here");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); try { {|#1:OrderCache.Free(p)|}; } finally { {|#0:OrderCache.Free(p)|}; }")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) {|#1:OrderCache.Free(p)|}; {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = array[0]; if (flag) {|#1:OrderCache.Free(p)|}; {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); } catch { {|#1:OrderCache.Free(p)|}; } {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); } catch (InvalidOperationException) { {|#1:OrderCache.Free(p)|}; } finally { {|#0:OrderCache.Free(p)|}; }")]
    [InlineData("var p = OrderCache.Alloc(); for (int i = 0; i < 3; i++) { if (flag) { {|#1:OrderCache.Free(p)|}; break; } } {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = OrderCache.Alloc(); switch (array.Length) { case 1: {|#1:OrderCache.Free(p)|}; break; default: Check(); break; } {|#0:OrderCache.Free(p)|};")]
    [InlineData("var p = s_orders.Alloc(); if (flag) {|#1:s_orders.Free(p)|}; {|#0:s_orders.Free(p)|};")]
    [InlineData("if (flag) {|#1:OrderCache.Free(s_order)|}; {|#0:OrderCache.Free(s_order)|};")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) {|#1:Drop(p)|}; {|#0:Drop(p)|};")]
    public Task Certain_once_the_first_has_run(string body) => Test.ReportsTogether(
        UserCode.Class($"static void Run(bool flag, SlabPtr<Order>[] array) {{ {body} }} private static void Drop(SlabPtr<Order> order) => OrderCache.Free(order);"),
        $"'{(body.Contains("s_order)", StringComparison.Ordinal) ? "s_order" : "p")}' is already free on the path from line 20, which frees it and always leads here");

    [Theory]
    [InlineData("if (flag) OrderCache.Free(p); if (flag) return; OrderCache.Free(p);")]
    [InlineData("if (flag) { OrderCache.Free(p); p = OrderCache.Alloc(); } OrderCache.Free(p);")]
    [InlineData("if (flag) { OrderCache.Free(p); p = default; } if (!p.IsNull) OrderCache.Free(p);")]
    [InlineData("if (flag) { OrderCache.Free(p); throw new InvalidOperationException(); } OrderCache.Free(p);")]
    [InlineData("if (flag) { OrderCache.Free(p); Fail(); } OrderCache.Free(p);")]
    [InlineData("if (flag) { OrderCache.Free(p); Environment.FailFast(\"\"); } OrderCache.Free(p);")]
    [InlineData("if (flag) { OrderCache.Free(p); Stop(); } OrderCache.Free(p);")]
    [InlineData("bool done = false; if (flag) { OrderCache.Free(p); done = true; } if (!done) OrderCache.Free(p);")]
    [InlineData("try { Check(); OrderCache.Free(p); } catch { OrderCache.Free(p); throw; }")]
    [InlineData("try { OrderCache.Free(p); Check(); return; } catch { } OrderCache.Free(p);")]
    [InlineData("while (Check()) { if (flag) { OrderCache.Free(p); return; } } OrderCache.Free(p);")]
    [InlineData("if (flag) OrderCache.Free(p); Action a = () => p = OrderCache.Alloc(); a(); OrderCache.Free(p);")]
    [InlineData("if (flag) OrderCache.Free(p); Change(ref p); OrderCache.Free(p);")]
    [InlineData("if (flag) OrderCache.Free(p); if (p == OrderCache.Alloc()) OrderCache.Free(p);")]
    [InlineData("if (flag) OrderCache.Free(s_order); Change(ref p); OrderCache.Free(s_order);")]
    [InlineData("if (flag) { OrderCache.Free(s_order); s_order = p; } OrderCache.Free(s_order);")]
    public Task Not_certain(string body) => Test.IsSilent(UserCode.Class(
        $$"""
        static void Run(bool flag, SlabPtr<Order> p) { {{body}} }
        static void Change(ref SlabPtr<Order> order) => order = s_order = OrderCache.Alloc();
        private static void Fail() => throw new InvalidOperationException();
        [System.Diagnostics.CodeAnalysis.DoesNotReturn] static void Stop() => throw new InvalidOperationException();
        """));

    [Fact]
    public Task A_parameter() => Test.Reports(
        UserCode.Class("static void Done(SlabPtr<Order> order) { OrderCache.Free(order); {|#0:OrderCache.Free(order)|}; }"),
        "'order' is already free on every path that leads here");

    [Fact]
    public Task In_code_that_has_errors() => Test.Reports(
        UserCode.Method("var p = OrderCache.Alloc(); {|CS0103:Foo|}(p); OrderCache.Free(p); {|#0:OrderCache.Free(p)|}; OrderCache.{|CS7036:Free|}();"),
        "'p' is already free on every path that leads here");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) OrderCache.Free(p); if (!flag) OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) { OrderCache.Free(p); return; } OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); for (int i = 0; i < 3; i++) { OrderCache.Free(p); p = OrderCache.Alloc(); } OrderCache.Free(p);")]
    [InlineData("SlabPtr<Order> last = default; for (int i = 0; i < 3; i++) { var p = OrderCache.Alloc(); if (!last.IsNull) OrderCache.Free(last); last = p; } OrderCache.Free(last);")]
    [InlineData("foreach (SlabPtr<Order> p in array) OrderCache.Free(p);")]
    [InlineData("for (int i = 0; i < array.Length; i++) { OrderCache.Free(array[i]); } OrderCache.Free(array[0]);")]
    [InlineData("var p = array[0]; OrderCache.Free(p); p = array[1]; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); ref SlabPtr<Order> r = ref p; r = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); Action a = () => p = OrderCache.Alloc(); a(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); (p, _) = (OrderCache.Alloc(), 1); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); OrderCache.TryAlloc(out p); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = flag ? OrderCache.Alloc() : array[0]; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); OrderCache.Free(p); } catch { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); } finally { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); void Local() { OrderCache.Free(p); p = OrderCache.Alloc(); } Local(); OrderCache.Free(p);")]
    [InlineData("Order* p = OrderCache.Alloc(); Order* next = p + 1; OrderCache.Free(p); p = next; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); var c = CustomerCache.Alloc(); CustomerCache.Free(c);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); p = OrderCache.Alloc(); if (SlabPtr32.TryFrom(p, out var small)) OrderCache.Free(small);")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); if (p.IsLive) s_orders.Free(p);")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); if (s_orders.Owns(p)) s_orders.Free(p);")]
    [InlineData("var p = s_orders.Alloc(); s_orders.Free(p); p = s_orders.Alloc(); s_orders.Free(p);")]
    [InlineData("var p = s_orders.Alloc(); if (p.TryGet(out var q)) q.Value.Id = 1; s_orders.Free(p);")]
    [InlineData("var local = OrderCache.OpenLocal(); for (int i = 0; i < 3; i++) { var p = local.Alloc(); local.Free(p); }")]
    [InlineData("Order* p = array[0]; OrderCache.Free(p); p++; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); if (p == OrderCache.Alloc()) OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); if (p.Equals(OrderCache.Alloc())) OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p); var q = OrderCache.Alloc(); if (q.Equals(p)) OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Cache.Alloc(); OrderCache.Cache.Free(p); Equals(p, OrderCache.Cache.Alloc()); OrderCache.Cache.Free(p);")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
