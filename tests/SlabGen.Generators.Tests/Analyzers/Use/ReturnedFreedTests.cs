using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ReturnedFreedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0112.</summary>
public sealed class ReturnedFreedTests
{
    [Theory]
    [InlineData("lease.Pointer", "static SlabPtr<Order> Make() { using var lease = OrderCache.Rent(); lease.Value.Id = 1; return {|#0:lease.Pointer|}; }")]
    [InlineData("lease.Pointer", "static SlabPtr<Order> Make(bool flag) { using (var lease = OrderCache.Rent()) { if (flag) return default; return {|#0:lease.Pointer|}; } }")]
    [InlineData("lease.Pointer", "static Order* Make() { using var lease = OrderCache.Rent(); return {|#0:lease.Pointer|}; }")]
    [InlineData("p", "static SlabPtr<Order> Make() { using var lease = OrderCache.Rent(); var p = lease.Pointer; return {|#0:p|}; }")]
    [InlineData("p", "static SlabPtr<Order> Make() { var p = OrderCache.Alloc(); try { p.Value.Id = 1; return {|#0:p|}; } finally { OrderCache.Free(p); } }")]
    [InlineData("p", "static SlabPtr<Order> Keep(SlabPtr<Order> p) { try { return {|#0:p|}; } finally { OrderCache.Free(p); } }")]
    [InlineData("p.Value", "static ref Order Keep(SlabPtr<Order> p) { try { return ref {|#0:p.Value|}; } finally { OrderCache.Free(p); } }")]
    public Task By_a_lease_or_a_finally(string name, string member) => Test.Reports(UserCode.Class(member), $"'{name}' is freed before the caller gets it");

    [Theory]
    [InlineData("static long Make() { using var lease = OrderCache.Rent(); lease.Value.Id = 1; return lease.Value.Id; }")]
    [InlineData("static Order Make() { using var lease = OrderCache.Rent(); lease.Value.Id = 1; return lease.Value; }")]
    [InlineData("static SlabPtr<Order> Make() { using var lease = OrderCache.Rent(); lease.Value.Next = OrderCache.Alloc(); return lease.Value.Next; }")]
    [InlineData("static SlabPtr<Order> Make() { var p = OrderCache.Alloc(); bool done = false; try { p.Value.Id = 1; done = true; return p; } finally { if (!done) OrderCache.Free(p); } }")]
    [InlineData("static SlabPtr<Order> Make() { var p = OrderCache.Alloc(); try { p.Value.Id = 1; return p; } catch { OrderCache.Free(p); throw; } }")]
    [InlineData("static SlabHandle<Order> Make() { var p = s_orders.Alloc(); try { p.Value.Id = 1; return p; } finally { s_orders.Free(p); } }")]
    public Task Near_misses(string member) => Test.IsSilent(UserCode.Class(member));
}
