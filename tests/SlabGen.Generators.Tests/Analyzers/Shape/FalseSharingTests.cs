using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.FalseSharingAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0053.</summary>
public sealed class FalseSharingTests
{
    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { public volatile int {|#0:State|}; }")]
    [InlineData("[SlabGen.SlabCache(HwCacheAlign = true)] public struct Order { public volatile int {|#0:State|}; }")]
    [InlineData("[SlabGen.SlabCache(Alignment = 32)] public struct Order { public volatile int {|#0:State|}; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int State; } public class User { void Run(SlabGen.SlabPtr<Order> p) => System.Threading.Interlocked.Add(ref {|#0:p.Value.State|}, 1); }")]
    public Task Of_small_objects(string body) => Test.Reports(body, "'Order.State' is written by several threads, and an object of 'Order' shares its cache line with others: [SlabCache(Alignment = 64)] keeps them apart");

    [Theory]
    [InlineData("[SlabGen.SlabCache(Alignment = 64)] public struct Order { public volatile int State; }")]
    [InlineData("[SlabGen.SlabCache(HwCacheAlign = true)] public struct Order { public volatile int State; public long A, B, C, D; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public volatile int State; public long A, B, C, D, E, F, G; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int State; static volatile int s_state; }")]
    [InlineData("public struct Order { public volatile int State; }")]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int State; } public class User { int _count; void Run() => System.Threading.Interlocked.Add(ref _count, 1); }")]
    public Task Near_misses(string body) => Test.IsSilent(body);
}
