using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.TooLargeAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0051.</summary>
public sealed class TooLargeTests
{
    [Theory]
    [InlineData("public unsafe struct {|#0:Order|} { public fixed byte Data[4194305]; }", 4194305)]
    [InlineData("public struct {|#0:Order|} { public Data A, B, C; } [System.Runtime.CompilerServices.InlineArray(200_000)] public struct Data { public long First; }", 4800000)]
    public Task Beyond_4_MiB(string body, int size) => Test.Reports("[SlabGen.SlabCache] " + body, $"'Order' has {size} bytes, more than the 4194304 bytes of the largest slab with pages of 4 KiB: its cache cannot be created");

    [Theory]
    [InlineData("public unsafe struct Order { public fixed byte Data[4194304]; }")]
    [InlineData("public struct Order { public long Id; }")]
    [InlineData("public struct Order { public Order {|CS0523:Self|}; }")]
    [InlineData("public struct Order { public {|CS0246:Unknown|} Field; }")]
    [InlineData("public struct Order<T> where T : unmanaged { public T A, B; }")]
    public Task Near_misses(string body) => Test.IsSilent("[SlabGen.SlabCache] " + body);
}
