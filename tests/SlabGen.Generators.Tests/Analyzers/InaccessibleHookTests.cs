using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.InaccessibleHookAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0009.</summary>
public sealed class InaccessibleHookTests
{
    [Theory]
    [InlineData("private ")]
    [InlineData("")]
    public Task A_private_method(string accessibility) => Test.Reports(
        $"[SlabGen.SlabCache] public struct Order {{ [SlabGen.SlabFini] {accessibility}void {{|#0:Clear|}}() {{ }} }}",
        "'Order.Clear()' cannot be [SlabFini] because it is private: make it internal or public");

    [Fact]
    public Task An_explicit_implementation() => Test.Reports(
        "[SlabGen.SlabCache] public struct Order : System.IDisposable { [SlabGen.SlabFini] void System.IDisposable.{|#0:Dispose|}() { } }",
        "'Order.System.IDisposable.Dispose()' cannot be [SlabFini] because it is private: make it internal or public");

    [Theory]
    [InlineData("[SlabGen.SlabFini] internal void Clear() { }")]
    [InlineData("[SlabGen.SlabFini] public void Clear() { }")]
    [InlineData("private void Clear() { }")]
    [InlineData("[SlabGen.SlabFini] private static void Clear() { }")]
    public Task Near_misses(string member) => Test.IsSilent($"[SlabGen.SlabCache] public struct Order {{ {member} }}");
}
