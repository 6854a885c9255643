using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ComparedToNullAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0202.</summary>
public sealed class ComparedToNullTests
{
    [Theory]
    [InlineData("var p = array[0]; if ({|#0:p == null|}) Check();")]
    [InlineData("var p = array[0]; if ({|#0:null != p|}) Check();")]
    [InlineData("var p = array[0]; if ({|#0:p.Equals(null)|}) Check();")]
    public Task In_any_way(string body) => Test.Reports(
        UserCode.Method(body), "'p' is compared to null through a plain pointer: 'IsNull' says the same");

    [Fact]
    public Task Without_unsafe() => Test.Reports(
        "public class User { static bool Run(SlabGen.SlabPtr<int> p) => {|#0:p == null|}; }",
        "'p' is compared to null through a plain pointer: 'IsNull' says the same");

    [Theory]
    [InlineData("var p = array[0]; if (p.IsNull || p == default || p.Equals(default)) Check();")]
    [InlineData("Order* p = array[0]; if (p == null) Check();")]
    [InlineData("SlabPtr<Order>? p = array[0]; if (p == null) Check();")]
    [InlineData("SlabHandle<Order> p = default; if (p == null) Check();")]
    [InlineData("SlabPtr32<Order> p = default; if (p == null) Check();")]
    [InlineData("object p = array[0]; if (p == null) Check();")]
    [InlineData("var p = array[0]; if (p.Equals((object)1)) Check();")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
