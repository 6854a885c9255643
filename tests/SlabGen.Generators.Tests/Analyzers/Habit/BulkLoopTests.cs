using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.BulkLoopAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0201.</summary>
public sealed class BulkLoopTests
{
    [Theory]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = {|#0:OrderCache.Alloc()|};", "Alloc")]
    [InlineData("for (int i = 0; i < array.Length; i++) { {|#0:OrderCache.Free(array[i])|}; }", "Free")]
    [InlineData("foreach (var p in array) {|#0:OrderCache.Free(p)|};", "Free")]
    [InlineData("foreach (var p in array.AsSpan()) { {|#0:OrderCache.Free(p)|}; }", "Free")]
    public Task Over_all_elements(string body, string name) => Test.Reports(
        UserCode.Method(body), $"The loop calls 'OrderCache.{name}' once for each element: '{name}Bulk' does it for all of them");

    [Theory]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = {|#0:cache.Alloc()|};", "Alloc")]
    [InlineData("foreach (var p in array) {|#0:cache.Free(p)|};", "Free")]
    [InlineData("foreach (var p in array) {|#0:_cache.Free(p)|};", "Free")]
    public Task On_an_instance(string body, string name) => Test.Reports(
        UserCode.Class($"KmemCache<Order> _cache = new(); void Run(KmemCache<Order> cache, SlabPtr<Order>[] array) {{ {body} }}"),
        $"The loop calls 'KmemCache<Order>.{name}' once for each element: '{name}Bulk' does it for all of them");

    [Theory]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = cache.Alloc(GfpFlags.Atomic);")]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = caches[i].Alloc();")]
    [InlineData("foreach (var p in array) Next().Free(p);")]
    [InlineData("foreach (var p in array) cache.FreeDeferred(p);")]
    [InlineData("foreach (var p in array) cache.Cache.Free(p.Address);")]
    public Task Near_misses_on_an_instance(string body) => Test.IsSilent(
        UserCode.Class($"static KmemCache<Order> Next() => new(); void Run(KmemCache<Order> cache, KmemCache<Order>[] caches, SlabPtr<Order>[] array) {{ {body} }}"));

    [Theory]
    [InlineData("for (int i = 1; i < array.Length; i++) array[i] = OrderCache.Alloc();")]
    [InlineData("for (int i = 0; i < 3; i++) array[i] = OrderCache.Alloc();")]
    [InlineData("for (int i = 0; i < array.Length; i += 2) array[i] = OrderCache.Alloc();")]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i / 2] = OrderCache.Alloc();")]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = OrderCache.AllocZeroed();")]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = OrderCache.Alloc(GfpFlags.Atomic);")]
    [InlineData("for (int i = 0; i < array.Length; i++) { array[i] = OrderCache.Alloc(); Check(); }")]
    [InlineData("for (int i = 0; i < array.Length; i++) array[i] = Make(); static SlabPtr<Order> Make() => OrderCache.Alloc();")]
    [InlineData("var other = array; for (int i = 0; i < array.Length; i++) other[i] = OrderCache.Alloc();")]
    [InlineData("foreach (var p in array) { if (flag) OrderCache.Free(p); }")]
    [InlineData("foreach (var p in new List<SlabPtr<Order>>(array)) OrderCache.Free(p);")]
    [InlineData("foreach (var p in array) OrderCache.Free(array[0]);")]
    [InlineData("nint[] addresses = [1]; foreach (nint p in addresses) OrderCache.Cache.Free(p);")]
    [InlineData("SlabPtr32<Order>[] small = []; foreach (SlabPtr<Order> p in small) OrderCache.Free(p);")]
    [InlineData("SlabHandle<Order>[] handles = []; foreach (var h in handles) s_orders.Free(h);")]
    [InlineData("var local = OrderCache.OpenLocal(); foreach (var p in array) local.Free(p);")]
    [InlineData("var local = OrderCache.OpenLocal(); for (int i = 0; i < array.Length; i++) array[i] = local.Alloc();")]
    [InlineData("List<SlabPtr<Order>> list = [..array]; for (int i = 0; i < list.Count; i++) OrderCache.Free(list[i]);")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
