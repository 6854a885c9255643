using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.ComparedToNullAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0108.</summary>
public sealed class ComparedToNullTests
{
    [Theory]
    [InlineData("var p = array[0]; if ({|#0:p.Equals(null)|}) Check();")]
    public Task In_any_way(string body) => Test.Reports(UserCode.Method(body), "'p' is never equal to null, which is no value of its type: ask IsNull");

    [Theory]
    [InlineData("var p = array[0]; if (p.IsNull || p == default || p.Equals(default)) Check();")]
    [InlineData("Order* p = array[0]; if (p == null) Check();")]
    [InlineData("SlabPtr<Order>? p = array[0]; if (p == null) Check();")]
    [InlineData("object p = array[0]; if (p == null) Check();")]
    [InlineData("var p = array[0]; if (p.Equals((object)1)) Check();")]
    public Task Near_misses(string body) => Test.IsSilent(UserCode.Method(body));
}
