using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.NeverNullAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0110.</summary>
public sealed class NeverNullTests
{
    [Theory]
    [InlineData("if ({|#0:x == null|}) Check();")]
    [InlineData("if ({|#0:null != x|}) Check();")]
    [InlineData("if ({|#0:x.Equals(null)|}) Check();")]
    [InlineData("while (flag && {|#0:x != null|}) Check();")]
    public async Task In_any_way(string body)
    {
        const string message = "'x' is a struct and never null: compare it to 'default'";
        await Test.Reports(UserCode.Method("SlabHandle<Order> x = s_orders.Alloc(); " + body), message);
        await Test.Reports(UserCode.Method("var x = (SlabPtr32<Order>)array[0]; " + body), message);
    }

    [Theory]
    [InlineData("SlabHandle<Order> x = default; if (x == default || x.IsLive || x.Equals(default)) Check();")]
    [InlineData("SlabPtr32<Order> x = default; if (x == default || x.IsNull) Check();")]
    [InlineData("SlabHandle<Order>? x = s_orders.Alloc(); if (x == null || x is null || x.Equals(null)) Check();")]
    [InlineData("object x = s_orders.Alloc(); if (x == null || x.Equals(null)) Check();")]
    [InlineData("var x = array[0]; if (x == null) Check();")]
    [InlineData("Other.SlabHandle<Order> x = default; if (x.Equals(null)) Check();")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body) + " public static class Other { public struct SlabHandle<T>; }");
}
