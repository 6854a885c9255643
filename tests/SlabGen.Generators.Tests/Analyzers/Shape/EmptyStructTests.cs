using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.EmptyStructAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0050.</summary>
public sealed class EmptyStructTests
{
    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct {|#0:Order|};")]
    [InlineData("[SlabGen.SlabCache] public struct {|#0:Order|} { public static int Count; public const int Max = 1; public int Property => 1; }")]
    public Task Without_fields(string body) => Test.Reports(body, "'Order' has no fields: an object of its slab cache holds nothing");

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { int _id; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int Id { get; set; } }")]
    [InlineData("public struct Order;")]
    [InlineData("[SlabGen.SlabCache] public struct Order(int id) { public int Id => id; }")]
    [InlineData("[SlabGen.SlabCache, System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 64)] public struct Order;")]
    [InlineData("[SlabGen.SlabCache] public ref struct Order;")]
    public Task Near_misses(string body) => Test.IsSilent(body);
}
