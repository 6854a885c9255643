using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.ComparedToNullAnalyzer, SlabGen.CodeFixes.UseIsNullFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0202.</summary>
public sealed class UseIsNullFixTests
{
    [Theory]
    [InlineData(
        "var p = array[0]; if ({|SLAB0202:p == null|}) Check();",
        "var p = array[0]; if (p.IsNull) Check();")]
    [InlineData(
        "var p = array[0]; if ({|SLAB0202:null != p|}) Check();",
        "var p = array[0]; if (!p.IsNull) Check();")]
    [InlineData(
        "if ({|SLAB0202:array[0].Equals(null)|}) Check();",
        "if (array[0].IsNull) Check();")]
    [InlineData(
        "if (flag && {|SLAB0202:(flag ? array[0] : array[1]) == null|}) Check();",
        "if (flag && (flag ? array[0] : array[1]).IsNull) Check();")]
    public Task Fixes(string body, string expected) => Test.Fixes(UserCode.Method(body), UserCode.Method(expected));
}
