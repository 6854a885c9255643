using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.NeverNullAnalyzer, SlabGen.CodeFixes.CompareToDefaultFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0110.</summary>
public sealed class CompareToDefaultFixTests
{
    [Theory]
    [InlineData("if ({|SLAB0110:h == null|}) Check();", "if (h == default) Check();")]
    [InlineData("if (flag && {|SLAB0110:null != h|}) Check();", "if (flag && default != h) Check();")]
    [InlineData("if ({|SLAB0110:h.Equals(null)|}) Check();", "if (h.Equals(default)) Check();")]
    public Task Fixes(string body, string expected) => Test.Fixes(Source(body), Source(expected));

    private static string Source(string body) => UserCode.Method("SlabHandle<Order> h = s_orders.Alloc(); " + body);
}
