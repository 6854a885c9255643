using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.FreedTwiceAnalyzer, SlabGen.CodeFixes.RemoveSecondFreeFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0101.</summary>
public sealed class RemoveSecondFreeFixTests
{
    [Theory]
    [InlineData(
        "var p = OrderCache.Alloc(); OrderCache.Free(p); {|SLAB0101:OrderCache.Free(p)|};",
        "var p = OrderCache.Alloc(); OrderCache.Free(p);")]
    [InlineData(
        "var p = array[0]; OrderCache.Free(p); if (flag) { {|SLAB0101:OrderCache.Free(p)|}; Check(); }",
        "var p = array[0]; OrderCache.Free(p); if (flag) { Check(); }")]
    public Task Fixes(string body, string expected) => Test.Fixes(UserCode.Method(body), UserCode.Method(expected));

    [Theory]
    [InlineData("var p = array[0]; OrderCache.Free(p); if (flag) {|SLAB0101:OrderCache.Free(p)|};")]
    [InlineData("var p = array[0]; if (flag) OrderCache.Free(p); {|SLAB0101:OrderCache.Free(p)|};")] // the first may be the one too many
    public Task Offers_none(string body) => Test.OffersNone(UserCode.Method(body));
}
