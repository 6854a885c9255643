using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.InvalidAlignmentAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0006.</summary>
public sealed class InvalidAlignmentTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(63)]
    [InlineData(4095)]
    [InlineData(8192)]
    [InlineData(-1)]
    [InlineData(-8)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public Task No_power_of_two_up_to_4096(int alignment) => Test.Reports(
        $"[SlabGen.SlabCache(HwCacheAlign = true, {{|#0:Alignment = {alignment}|}})] public struct Order {{ }}",
        $"The alignment of the slab cache of 'Order' cannot be {alignment} bytes: it must be a power of two from 1 to 4096, or 0 for the default of 8");

    [Theory]
    [InlineData("Alignment = 0")]
    [InlineData("Alignment = 1")]
    [InlineData("Alignment = 64")]
    [InlineData("Alignment = 4096")]
    [InlineData("HwCacheAlign = true")]
    [InlineData("Alignment = {|CS0029:\"64\"|}")]
    public Task Near_misses(string arguments) => Test.IsSilent($"[SlabGen.SlabCache({arguments})] public struct Order {{ }}");
}
