using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.LeasedFreedAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0111.</summary>
public sealed class LeasedFreedTests
{
    [Theory]
    [InlineData("lease.Pointer", "using var lease = OrderCache.Rent(); {|#0:OrderCache.Free(lease.Pointer)|};")]
    [InlineData("lease.Pointer", "using (var lease = OrderCache.Rent()) { {|#0:OrderCache.Free(lease.Pointer)|}; }")]
    [InlineData("p", "using var lease = OrderCache.Rent(); var p = lease.Pointer; {|#0:OrderCache.Free(p)|};")]
    [InlineData("lease.Pointer.Address", "using var lease = OrderCache.Rent(); {|#0:OrderCache.Cache.Free(lease.Pointer.Address)|};")]
    public Task By_its_pointer(string name, string body) => Test.Reports(
        UserCode.Method(body), $"'{name}' is the object of a lease or an owner, which will free it too: dispose of the lease or owner instead");

    [Fact]
    public Task Of_a_lease_that_was_handed_in() => Test.Reports(
        UserCode.Class("static void Done(ref OrderCache.Lease lease) { {|#0:OrderCache.Free(lease.Pointer)|}; }"),
        "'lease.Pointer' is the object of a lease or an owner, which will free it too: dispose of the lease or owner instead");

    [Theory]
    [InlineData("using var lease = OrderCache.Rent(); lease.Value.Next = OrderCache.Alloc(); OrderCache.Free(lease.Value.Next);")]
    [InlineData("var p = OrderCache.Alloc(); using var lease = OrderCache.Rent(); lease.Value.Id = 1; OrderCache.Free(p);")]
    [InlineData("SlabPtr<Order> p = OrderCache.Alloc(); using (var lease = OrderCache.Rent()) { if (flag) Use(lease.Pointer); } OrderCache.Free(p);")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
