using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.FalseSharingAnalyzer, SlabGen.CodeFixes.AlignToCacheLineFix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0053.</summary>
public sealed class AlignToCacheLineFixTests
{
    [Theory]
    [InlineData(
        "[SlabGen.SlabCache] public struct Order { public volatile int {|SLAB0053:State|}; }",
        "[SlabGen.SlabCache(Alignment = 64)] public struct Order { public volatile int State; }")]
    [InlineData(
        "[SlabGen.SlabCache(Name = \"Orders\", Alignment = 16)] public struct Order { public volatile int {|SLAB0053:State|}; }",
        "[SlabGen.SlabCache(Name = \"Orders\", Alignment = 64)] public struct Order { public volatile int State; }")]
    [InlineData(
        "[SlabGen.SlabCache(HwCacheAlign = true)] public struct Order { public int State; public int Next() => System.Threading.Interlocked.Increment(ref {|SLAB0053:State|}); }",
        "[SlabGen.SlabCache(HwCacheAlign = true, Alignment = 64)] public struct Order { public int State; public int Next() => System.Threading.Interlocked.Increment(ref State); }")]
    public Task Fixes(string body, string expected) => Test.Fixes(body, expected);
}
