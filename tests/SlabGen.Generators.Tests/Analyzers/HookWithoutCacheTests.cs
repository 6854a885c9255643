using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.HookWithoutCacheAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0010.</summary>
public sealed class HookWithoutCacheTests
{
    [Theory]
    [InlineData("struct")]
    [InlineData("class")]
    [InlineData("record struct")]
    [InlineData("ref struct")]
    public Task A_type_without_a_cache(string kind) => Test.Reports(
        $"public {kind} Order {{ [SlabGen.SlabInit] internal void {{|#0:Start|}}() {{ }} }}",
        "[SlabInit] on 'Order.Start()' does nothing because 'Order' has no [SlabCache]");

    [Fact]
    public Task An_interface() => Test.Reports(
        "public interface IOrder { [SlabGen.SlabFini] void {|#0:End|}(); }",
        "[SlabFini] on 'IOrder.End()' does nothing because 'IOrder' has no [SlabCache]");

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { [SlabGen.SlabInit] internal void Start() { } }")]
    [InlineData("[SlabGen.SlabCache] public partial struct Order; public partial struct Order { [SlabGen.SlabInit] internal void Start() { } }")]
    [InlineData("public struct Order { [System.Obsolete] internal void Start() { } }")]
    public Task Near_misses(string source) => Test.IsSilent(source);
}
