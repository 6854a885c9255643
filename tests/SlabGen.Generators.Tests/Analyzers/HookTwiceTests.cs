using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.HookTwiceAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0008.</summary>
public sealed class HookTwiceTests
{
    [Theory]
    [InlineData("Constructor")]
    [InlineData("Destructor")]
    [InlineData("Init")]
    [InlineData("Fini")]
    public Task Several_of_one_kind(string kind) => Test.Reports(
        $$"""
        [SlabGen.SlabCache] public partial struct Order { [SlabGen.Slab{{kind}}] internal void A() { } }
        public partial struct Order { [SlabGen.Slab{{kind}}] internal void {|#0:B|}() { } [SlabGen.Slab{{kind}}] internal void {|#1:C|}() { } }
        """,
        $"'Order' can have only one method with [Slab{kind}], but 'A' and 'B' both have it",
        $"'Order' can have only one method with [Slab{kind}], but 'A' and 'C' both have it");

    [Theory]
    [InlineData("[SlabGen.SlabInit] internal void A() { } [SlabGen.SlabFini] internal void B() { }")]
    [InlineData("[SlabGen.SlabInit, SlabGen.SlabConstructor] internal void A() { } internal void B() { }")]
    [InlineData("[SlabGen.SlabInit] internal partial void A(); internal partial void A() { }")]
    public Task Near_misses(string members) => Test.IsSilent($"[SlabGen.SlabCache] public partial struct Order {{ {members} }}");
}
