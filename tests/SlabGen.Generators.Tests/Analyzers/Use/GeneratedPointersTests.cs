using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>The rules of use follow objects through generated pointers, and their conversions, as through the runtime's.</summary>
public sealed class GeneratedPointersTests
{
    [Theory]
    [InlineData("OrderPtr p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("SlabPtr<Order> q = OrderCache.Alloc(); OrderPtr p = q; OrderCache.Free(q); {|#0:OrderCache.Free(p)|};")]
    [InlineData("OrderPtr p = OrderCache.Alloc(); OrderCache.Free(new SlabPtr<Order>(p.Address)); {|#0:OrderCache.Free(p)|};")]
    [InlineData("OrderPtr p = new OrderPtr(OrderCache.Alloc().Address); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("OrderPtr p = s_order; OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("Order* q = OrderCache.Alloc(); OrderPtr p = q; OrderCache.Free(q); {|#0:OrderCache.Free(p)|};")]
    [InlineData("OrderPtr32 p = (OrderPtr32)OrderCache.Alloc(); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    [InlineData("OrderHandle p = OrderCache.AllocHandle(); OrderCache.Free(p); {|#0:OrderCache.Free(p)|};")]
    public Task Freed_twice(string body) => Reports<FreedTwiceAnalyzer>(body, "'p' is already free on every path that leads here");

    [Theory]
    [InlineData("OrderPtr p = OrderCache.Alloc(); OrderCache.Free(p); {|#0:p.Value|}.Id = 1;")]
    [InlineData("OrderPtr p = OrderCache.Alloc(); SlabPtr<Order> q = p; OrderCache.Free(q); Init(ref {|#0:p.Value|});")]
    [InlineData("OrderPtr p = array[0]; for (; ; ) { OrderCache.Free(p); p = {|#0:p.Value|}.Next; if (p == default) break; }")]
    [InlineData("OrderPtr head = default; for (int i = 0; i < 3; i++) { SlabPtr<Order> o = OrderCache.Alloc(); o.Value = new Order { Id = i, Next = head }; head = o; } for (OrderPtr p = head; !p.IsNull; p = {|#0:p.Value|}.Next) OrderCache.Free(p);")]
    public Task Used_after_the_free(string body) => Reports<UsedAfterFreeAnalyzer>(
        body, "'p' was freed on every path that leads here: another owner may have the object now");

    [Theory]
    [InlineData("OrderPtr p = {|#0:OrderCache.Alloc()|}; p.Value.Id = 1;")]
    [InlineData("OrderPtr p = {|#0:OrderCache.Alloc()|}; if (flag) return; OrderCache.Free(p);")]
    [InlineData("OrderPtr p = {|#0:OrderCache.Alloc()|}; if (p == array[0]) { OrderCache.Free(p); }")]
    public Task Not_freed(string body) => Reports<NotFreedAnalyzer>(body, "The object from 'OrderCache' is not freed on some path out of its scope, and nothing else holds it");

    [Theory]
    [InlineData("OrderPtr p = default; {|#0:p.Value|}.Id = 1;")]
    [InlineData("OrderPtr p = array[0]; if (p == default) {|#0:OrderCache.Free(p)|};")]
    [InlineData("OrderPtr p = array[0]; if (p.IsNull) {|#0:p.Value|}.Id = 1;")]
    public Task Null(string body) => Reports<NullPointerAnalyzer>(body, "'p' is null here");

    [Fact]
    public Task A_default_handle() => Reports<DefaultHandleAnalyzer>("OrderHandle p = default; {|#0:p.Value|}.Id = 1;", "'p' is the default handle here, which refers to no object");

    [Fact]
    public Task A_pointer_compared_to_null() => Reports<ComparedToNullAnalyzer>(
        "OrderPtr p = array[0]; if ({|#0:p == null|}) Check();", "'p' is compared to null through a plain pointer: 'IsNull' says the same");

    [Theory]
    [InlineData("OrderPtr p = OrderCache.Alloc(); p.Value.Next = p; s_order = p;")]
    [InlineData("OrderPtr p = OrderCache.Alloc(); OrderPtr next = p.Value.Next; OrderCache.Free(p); OrderCache.Free(next);")]
    [InlineData("OrderPtr p = OrderCache.Alloc(); array[0].Value.Next = p;")]
    [InlineData("OrderPtr p = OrderCache.Alloc(); Use(p);")]
    [InlineData("var pointers = new OrderPtr[8]; for (int i = 0; i < pointers.Length; i++) pointers[i] = OrderCache.Alloc(); foreach (OrderPtr p in pointers) OrderCache.Free(p);")]
    [InlineData("OrderPtr p = OrderCache.Alloc(); OrderCache.Free(p); p = OrderCache.Alloc(); p.Value.Id = 1; OrderCache.Free(p);")]
    public async Task Near_misses(string body)
    {
        await AnalyzerTest<FreedTwiceAnalyzer>.IsSilent(Source(body));
        await AnalyzerTest<UsedAfterFreeAnalyzer>.IsSilent(Source(body));
        await AnalyzerTest<NotFreedAnalyzer>.IsSilent(Source(body));
        await AnalyzerTest<BulkLoopAnalyzer>.IsSilent(Source(body)); // the bulk calls take no OrderPtr
    }

    [Fact]
    public Task Objects_that_are_read_when_free() => AnalyzerTest<UsedAfterFreeAnalyzer>.IsSilent(
        "[SlabGen.SlabCache(TypeSafeByRcu = true)] public struct Order { public long Id; } public class User { static long Run() { OrderPtr p = OrderCache.Alloc(); OrderCache.Free(p); return p.Value.Id; } }");

    private static Task Reports<TAnalyzer>(string body, string message)
        where TAnalyzer : DiagnosticAnalyzer, new() => AnalyzerTest<TAnalyzer>.Reports(Source(body), message);

    private static string Source(string body) => UserCode.Method(body)
        .Replace("[SlabCache] public struct Order { public long Id, Price; public SlabPtr<Order> Next; }",
            "[SlabCache(Handles = true, Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)] public struct Order { public long Id, Price; public OrderPtr Next; }",
            StringComparison.Ordinal);
}
