using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NotFreedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0104.</summary>
public sealed class NotFreedTests
{
    [Theory]
    [InlineData("var p = {|#0:cache.Alloc()|}; p.Value.Id = 1;")]
    [InlineData("var p = {|#0:cache.AllocZeroed()|}; if (Check()) return; cache.Free(p);")]
    public Task Of_a_cache_that_is_an_instance(string body) => Test.Reports(
        UserCode.Class($"static void Run(KmemCache<Order> cache) {{ {body} }}"), "The object from 'KmemCache<Order>' is not freed on some path out of its scope, and nothing else holds it");

    [Theory]
    [InlineData("var p = cache.Alloc(); cache.Free(p);")]
    [InlineData("var p = cache.Alloc(); s_order = p;")]
    [InlineData("using var lease = cache.Rent(); lease.Value.Id = 1;")]
    [InlineData("if (cache.TryAlloc(out var p)) cache.Free(p);")]
    public Task Near_misses_of_an_instance(string body) => Test.IsSilent(UserCode.Class($"static void Run(KmemCache<Order> cache) {{ {body} }}"));

    [Theory]
    [InlineData("var p = {|#0:OrderCache.Alloc()|};")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; p.Value.Id = 1;")]
    [InlineData("{|#0:OrderCache.Alloc()|}.Value.Id = 1;")]
    [InlineData("var p = {|#0:OrderCache.AllocZeroed()|}; Init(ref p.Value);")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; if (flag) return; OrderCache.Free(p);")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; if (flag) OrderCache.Free(p);")]
    [InlineData("for (int i = 0; i < 3; i++) { var p = {|#0:OrderCache.Alloc()|}; p.Value.Id = i; }")]
    [InlineData("foreach (var o in array) { var p = {|#0:OrderCache.Alloc()|}; if (flag) continue; OrderCache.Free(p); }")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; p = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData("SlabPtr<Order> p; if (flag) { p = {|#0:OrderCache.Alloc()|}; p.Value.Id = 1; return; }")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; try { Check(); } catch { return; } OrderCache.Free(p);")]
    [InlineData("Order* p = {|#0:OrderCache.Alloc()|}; p->Id = 1;")]
    [InlineData("var p = (SlabPtr32<Order>){|#0:OrderCache.Alloc()|}; p.Value.Id = 1;")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = {|#0:local.Alloc()|}; p.Value.Id = 1;")]
    [InlineData("var local = OrderCache.OpenLocal(); for (int i = 0; i < 3; i++) { var p = {|#0:local.Alloc()|}; if (flag) continue; local.Free(p); }")]
    [InlineData("Action a = () => { var p = {|#0:OrderCache.Alloc()|}; p.Value.Id = 1; };")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; try { p.Value.Id = 1; } finally { Check(); }")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; Console.WriteLine(p.Value.Id == 1 || p == default);")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; var q = p; q.Value.Id = 1;")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; p.Value.Id = 1; CustomerCache.Reset();")]
    public Task On_some_way(string body) => Test.Reports(
        UserCode.Method(body), "The object from 'OrderCache' is not freed on some path out of its scope, and nothing else holds it");

    [Theory]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); while (true) { p.Value.Id++; if (flag) { OrderCache.Free(p); return; } }")]
    [InlineData("var p = OrderCache.Alloc(); while (true) { Check(); p.Value.Id++; }")]
    [InlineData("var p = OrderCache.Alloc(); do { if (flag) { OrderCache.Free(p); break; } } while (true);")]
    [InlineData("const bool debug = false; var p = OrderCache.Alloc(); if (!debug) OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); fixed (long* q = &p.Value.Id) { s_order = (Order*)q; }")]
    [InlineData("var p = OrderCache.Alloc(); try { Check(); } finally { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); try { if (flag) return; Check(); } finally { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); try { try { if (flag) return; } finally { Check(); } } finally { OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); Use(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) Use(p);")]
    [InlineData("var p = OrderCache.Alloc(); array[0] = p;")]
    [InlineData("var p = (SlabPtr32<Order>)OrderCache.Alloc(); array[0] = p;")]
    [InlineData("var p = OrderCache.Alloc(); var bytes = p.AsBytes(); fixed (byte* b = bytes) OrderCache.Free((Order*)b);")]
    [InlineData("var p = s_orders.Alloc(); p.Value.Id = 1;")]
    [InlineData("var local = OrderCache.OpenLocal(); var p = local.Alloc(); OrderCache.Free(p);")]
    [InlineData("var local = OrderCache.OpenLocal(); if (local.TryAlloc(out var p)) p.Value.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); if (SlabPtr32.TryFrom(p, out SlabPtr32<Order> small)) OrderCache.Free(small);")]
    [InlineData("s_order = OrderCache.Alloc();")]
    [InlineData("var p = OrderCache.Alloc(); s_order = p;")]
    [InlineData("array[0].Value.Next = OrderCache.Alloc();")]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Next = s_order; s_order = p;")]
    [InlineData("var list = new List<SlabPtr<Order>> { OrderCache.Alloc() };")]
    [InlineData("SlabPtr<Order>[] list = [OrderCache.Alloc()];")]
    [InlineData("var pair = (OrderCache.Alloc(), 1);")]
    [InlineData("object p = OrderCache.Alloc();")]
    [InlineData("var p = OrderCache.Alloc(); Action a = () => OrderCache.Free(p); a();")]
    [InlineData("SlabPtr<Order> p = default; Action a = () => OrderCache.Free(p); p = OrderCache.Alloc(); a();")]
    [InlineData("var p = OrderCache.Alloc(); Free(); void Free() { OrderCache.Free(p); }")]
    [InlineData("_ = OrderCache.Alloc();")]
    [InlineData("Order* p = OrderCache.Alloc(); nint address = (nint)p; Console.WriteLine(address);")]
    [InlineData("var p = OrderCache.Alloc(); long address = p.Address; OrderCache.Free(new SlabPtr<Order>((nint)address));")]
    [InlineData("ref Order order = ref OrderCache.Alloc().Value; OrderCache.Free((Order*)Unsafe.AsPointer(ref order));")]
    [InlineData("var p = OrderCache.Alloc(); OrderCache.Free((Order*)Unsafe.AsPointer(ref p.Value));")]
    [InlineData("var p = OrderCache.Alloc(); fixed (Order* q = &p.Value) { OrderCache.Free(q); }")]
    [InlineData("var p = OrderCache.Alloc(); if (p.IsNull) return; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (p == default) return; OrderCache.Free(p);")]
    [InlineData("Order* p = OrderCache.Alloc(); if (p == null) return; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) OrderCache.Free(p); if (!flag) OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) throw new Exception(); OrderCache.Free(p);")]
    [InlineData("var p = flag ? OrderCache.Alloc() : default; if (!p.IsNull) OrderCache.Free(p);")]
    [InlineData("SlabPtr<Order> p = default; try { p = OrderCache.Alloc(); Check(); } finally { if (!p.IsNull) OrderCache.Free(p); }")]
    [InlineData("SlabPtr<Order> head = default; for (int i = 0; i < 3; i++) { var p = OrderCache.Alloc(); p.Value.Next = head; head = p; } while (!head.IsNull) { var next = head.Value.Next; OrderCache.Free(head); head = next; }")]
    [InlineData("SlabPtr<Order> last = default; for (int i = 0; i < 3; i++) { if (!last.IsNull) OrderCache.Free(last); last = OrderCache.Alloc(); } OrderCache.Free(last);")]
    [InlineData("var p = OrderCache.Alloc(); var q = OrderCache.Alloc(); (p, q) = (q, p); OrderCache.Free(p); OrderCache.Free(q);")]
    [InlineData("SlabPtr<Order> p, q; p = q = OrderCache.Alloc(); OrderCache.Free(q);")]
    [InlineData("for (; ; ) { var p = OrderCache.Alloc(); if (flag) { OrderCache.Free(p); break; } OrderCache.Free(p); }")]
    [InlineData("nint p = OrderCache.Cache.Alloc();")]
    [InlineData("if (OrderCache.TryAlloc(out var p)) p.Value.Id = 1;")]
    [InlineData("var p = OrderCache.Alloc(); {|CS0103:Foo|}(p);")]
    [InlineData("Span<SlabPtr<Order>> span = stackalloc SlabPtr<Order>[1]; span[0] = OrderCache.Alloc(); OrderCache.FreeBulk(span);")]
    [InlineData("using (var lock1 = new System.IO.MemoryStream()) { var p = OrderCache.Alloc(); lock1.Flush(); OrderCache.Free(p); }")]
    [InlineData("lock (array) { var p = OrderCache.Alloc(); OrderCache.Free(p); }")]
    [InlineData("var p = OrderCache.Alloc(); p = p; OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Reset();")]
    [InlineData("var p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Cache.Reset();")]
    [InlineData("KmemCache cache = OrderCache.Cache; var p = OrderCache.Alloc(); p.Value.Id = 1; cache.Reset();")]
    [InlineData("var lease = OrderCache.Rent(); lease.Value.Id = 1; OrderCache.Reset();")]
    [InlineData("var owner = OrderCache.Own(); owner.Value.Id = 1; OrderCache.Reset(); owner.Dispose();")]
    [InlineData("var cache = new KmemCache<Order>(); var p = cache.Alloc(); p.Value.Id = 1; cache.Reset();")]
    [InlineData("string s = $\"{OrderCache.Alloc()}\"; Func<SlabPtr<Order>> f = () => OrderCache.Alloc();")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));

    [Theory]
    [InlineData("var lease = {|#0:OrderCache.Rent()|}; lease.Value.Id = 1;")]
    [InlineData("OrderCache.Lease lease = {|#0:OrderCache.Rent()|}; if (flag) return; lease.Dispose();")]
    [InlineData("{|#0:OrderCache.Rent()|}.Value.Id = 1;")]
    [InlineData("var p = {|#0:Make()|}; p.Value.Id = 1;")]
    [InlineData("var p = {|#0:Make()|}; if (flag) return; OrderCache.Free(p);")]
    [InlineData("var p = {|#0:OrderCache.Alloc()|}; if (flag) return; Drop(p);")]
    public Task A_lease_without_using_and_what_a_method_made(string body) => Test.Reports(
        UserCode.Class($"static void Run(bool flag) {{ {body} }} {Helpers}"), "The object from 'OrderCache' is not freed on some path out of its scope, and nothing else holds it");

    [Theory]
    [InlineData("using var lease = OrderCache.Rent(); if (flag) return; lease.Value.Id = 1;")]
    [InlineData("using (var lease = OrderCache.Rent()) { lease.Value.Id = 1; }")]
    [InlineData("using (OrderCache.Rent()) { }")]
    [InlineData("var lease = OrderCache.Rent(); try { lease.Value.Id = 1; } finally { lease.Dispose(); }")]
    [InlineData("var lease = OrderCache.Rent(); lease.Dispose(); lease.Dispose();")]
    [InlineData("var lease = OrderCache.Rent(); Take(lease);")]
    [InlineData("var lease = OrderCache.Rent(); End(ref lease);")]
    [InlineData("var p = Make(); Drop(p);")]
    [InlineData("var p = Make(); Use(p);")]
    [InlineData("s_order = Make();")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) Fail(); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) Environment.FailFast(\"\"); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) System.Diagnostics.Debug.Fail(\"\"); OrderCache.Free(p);")]
    [InlineData("var p = OrderCache.Alloc(); if (flag) { Stop(); } OrderCache.Free(p);")]
    [InlineData("var p = Kept(); p.Value.Id = 1;")]
    public Task Near_misses_of_leases_and_methods(string body) => Test.IsSilent(UserCode.Class($"static void Run(bool flag) {{ {body} }} {Helpers}"));

    [Fact]
    public Task A_lease_may_be_handed_on() => Test.IsSilent(UserCode.Class("static OrderCache.Lease Make() { var lease = OrderCache.Rent(); lease.Value.Id = 1; return lease; }"));

    [Theory]
    [InlineData("nint p = Any(flag);", "static nint Any(bool flag) { if (flag) return OrderCache.Cache.Alloc(); return CustomerCache.Cache.Alloc(); }")]
    [InlineData("OrderCache.Free(OrderCache.Alloc()); Later();", "static void Later() { s_make = () => OrderCache.Alloc(); }")]
    [InlineData("OrderCache.Free(OrderCache.Alloc()); Later();", "static void Later() { SlabPtr<Order> Make() => OrderCache.Alloc(); s_make = Make; }")]
    [InlineData("OrderCache.Free(OrderCache.Alloc()); Each();", "static IEnumerable<SlabPtr<Order>> Each() { yield return OrderCache.Alloc(); }")]
    [InlineData("var p = Known();", "static SlabPtr<Order> Known() { var made = OrderCache.Alloc(); s_make = () => made; return made; }")]
    public Task Near_misses_of_methods_that_return_the_object_of_one_cache(string body, string method) => Test.IsSilent(
        UserCode.Class($"static Func<SlabPtr<Order>>? s_make; static void Run(bool flag) {{ {body} }} private {method}"));

    [Fact]
    public Task A_method_that_allocates_from_one_cache_in_two_places() => Test.Reports(
        UserCode.Class("static void Run(bool flag) { nint p = {|#0:Any(flag)|}; } private static nint Any(bool flag) { if (flag) return OrderCache.Cache.Alloc(); return OrderCache.Cache.Alloc(); }"),
        "The object from 'OrderCache' is not freed on some path out of its scope, and nothing else holds it");

    private const string Helpers =
        """
        private static SlabPtr<Order> Make() { var made = OrderCache.Alloc(); made.Value.Id = 1; return made; }
        private static SlabPtr<Order> Kept() { var made = OrderCache.Alloc(); s_order = made; return made; }
        private static void Drop(SlabPtr<Order> order) => OrderCache.Free(order);
        private static void Fail() { throw new InvalidOperationException(); }
        [System.Diagnostics.CodeAnalysis.DoesNotReturn] static void Stop() { while (true) { } }
        static void Take(OrderCache.Lease lease) => lease.Dispose();
        static void End(ref OrderCache.Lease lease) => lease.Dispose();
        """;

    [Theory]
    [InlineData("static SlabPtr<Order> Make() => OrderCache.Alloc();")]
    [InlineData("static SlabPtr<Order> Make() { var p = OrderCache.Alloc(); p.Value.Id = 1; return p; }")]
    [InlineData("static SlabPtr<Order> Make() { var p = OrderCache.Alloc(); try { return p; } finally { Check(); } }")]
    [InlineData("static void Make(out SlabPtr<Order> p) => p = OrderCache.Alloc();")]
    [InlineData("static void Make(ref SlabPtr<Order> p) { p = OrderCache.Alloc(); }")]
    [InlineData("static IEnumerable<SlabPtr<Order>> Make() { var p = OrderCache.Alloc(); yield return p; }")]
    [InlineData("SlabPtr<Order> _order = OrderCache.Alloc(); SlabPtr<Order> Property { get; } = OrderCache.Alloc();")]
    [InlineData("static (SlabPtr<Order>, int) Make() => (OrderCache.Alloc(), 1);")]
    [InlineData("static Order* Make() { Order* p = OrderCache.Alloc(); return p; }")]
    [InlineData("static nint Make() { var p = OrderCache.Alloc(); return p.Address; }")]
    public Task Near_misses_of_members(string members) => Test.IsSilent(UserCode.Class(members));
}
