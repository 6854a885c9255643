using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.OtherAllocationAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0200.</summary>
public sealed class OtherAllocationTests
{
    [Theory]
    [InlineData("void* p = {|#0:System.Runtime.InteropServices.NativeMemory.Alloc((nuint)sizeof(Order))|};")]
    [InlineData("void* p = {|#0:System.Runtime.InteropServices.NativeMemory.AllocZeroed(1, (nuint)Unsafe.SizeOf<Order>())|};")]
    [InlineData("void* p = {|#0:System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)sizeof(Order), 64)|};")]
    [InlineData("nint p = {|#0:System.Runtime.InteropServices.Marshal.AllocHGlobal(sizeof(Order))|};")]
    [InlineData("nint p = {|#0:System.Runtime.InteropServices.Marshal.AllocCoTaskMem(System.Runtime.InteropServices.Marshal.SizeOf<Order>())|};")]
    [InlineData("Order[] p = {|#0:new Order[1]|};")]
    public Task Of_one_object(string body) => Test.Reports(UserCode.Method(body), "One 'Order' is allocated outside its slab cache: 'OrderCache.Alloc' is faster");

    [Theory]
    [InlineData("void* p = System.Runtime.InteropServices.NativeMemory.Alloc((nuint)(2 * sizeof(Order)));")]
    [InlineData("void* p = System.Runtime.InteropServices.NativeMemory.Alloc(3, (nuint)sizeof(Order));")]
    [InlineData("void* p = System.Runtime.InteropServices.NativeMemory.Alloc((nuint)sizeof(long));")]
    [InlineData("void* p = System.Runtime.InteropServices.NativeMemory.Alloc(24);")]
    [InlineData("nint p = System.Runtime.InteropServices.Marshal.AllocHGlobal(24);")]
    [InlineData("Order[] p = new Order[2];")]
    [InlineData("Order[] p = [default];")]
    [InlineData("SlabPtr<Order>[] p = new SlabPtr<Order>[1];")]
    [InlineData("Order p = new Order { Id = 1 }; Order* q = &p;")]
    [InlineData("Order* p = stackalloc Order[1];")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
