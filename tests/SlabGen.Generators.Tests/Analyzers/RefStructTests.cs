using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.RefStructAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0002.</summary>
public sealed class RefStructTests
{
    [Theory]
    [InlineData("public ref struct {|#0:Order|} { public int Id; }")]
    [InlineData("public readonly ref struct {|#0:Order|} { public readonly System.Span<int> Items; }")]
    [InlineData("public ref partial struct {|#0:Order|} { }")]
    public Task Ref_structs(string declaration) => Test.Reports(
        "[SlabGen.SlabCache] " + declaration,
        "'Order' cannot have a slab cache because a ref struct lives on the stack: remove 'ref' or [SlabCache]");

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int Id; }")]
    [InlineData("[SlabGen.SlabCache] public readonly struct Order { }")]
    [InlineData("public ref struct Order { public int Id; }")]
    public Task Near_misses(string source) => Test.IsSilent(source);
}
