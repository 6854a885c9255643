using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.OptionConflictAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0013.</summary>
public sealed class OptionConflictTests
{
    private const string Small = "public int Id;", Large = "public System.DayOfWeek Day; public Page A, B; public struct Page { public Line L; } "
        + "[System.Runtime.CompilerServices.InlineArray(600)] public struct Line { private long _first; }";

    [Theory]
    [InlineData("{|#0:RandomSeed = 1|}", "RandomSeed", "has no effect without RandomOrder")]
    [InlineData("{|#0:RandomSeed = 1|}, RandomOrder = false", "RandomSeed", "has no effect without RandomOrder")]
    [InlineData("TypeSafeByRcu = true, {|#0:Zeroing = SlabGen.SlabZeroing.OnFree|}", "Zeroing", "cannot be combined with TypeSafeByRcu: a reader may look at the object while it is cleared")]
    [InlineData("TypeSafeByRcu = true, {|#0:Zeroing = SlabGen.SlabZeroing.OnAlloc|}", "Zeroing", "cannot be combined with TypeSafeByRcu: a reader may look at the object while it is cleared")]
    [InlineData("Mode = SlabGen.SlabMode.Fast, {|#0:Debug = SlabGen.SlabDebug.Poison|}", "Debug", "cannot be combined with Mode = Fast: each of its letters checks the pointers that are freed")]
    [InlineData("{|#0:MaxBytes = 1|}", "MaxBytes", "cannot be 1: the smallest slab has at least 4096 bytes")]
    [InlineData("{|#0:MaxBytes = 4095|}", "MaxBytes", "cannot be 4095: the smallest slab has at least 4096 bytes")]
    [InlineData("{|#0:MaxBytes = 16383|}", "MaxBytes", "cannot be 16383: the smallest slab has at least 16384 bytes", Large)]
    public Task Options_that_rule_each_other_out(string arguments, string option, string why, string fields = Small) => Test.Reports(
        $"[SlabGen.SlabCache({arguments})] public struct Order {{ {fields} }}",
        $"{option} of the slab cache of 'Order' {why}");

    [Fact]
    public Task With_the_assembly_s_defaults() => Test.Reports(
        """
        [assembly: SlabGen.SlabCacheDefaults(Zeroing = SlabGen.SlabZeroing.OnFree)]
        [SlabGen.SlabCache(TypeSafeByRcu = true)] public struct {|#0:Order|} { public int Id; }
        """,
        "Zeroing of the slab cache of 'Order' cannot be combined with TypeSafeByRcu: a reader may look at the object while it is cleared");

    [Theory]
    [InlineData("RandomSeed = 0")]
    [InlineData("RandomSeed = 1, RandomOrder = true")]
    [InlineData("RandomOrder = true")]
    [InlineData("TypeSafeByRcu = true")]
    [InlineData("TypeSafeByRcu = true, Zeroing = SlabGen.SlabZeroing.None")]
    [InlineData("Zeroing = SlabGen.SlabZeroing.OnFree")]
    [InlineData("Mode = SlabGen.SlabMode.Fast, Debug = SlabGen.SlabDebug.None")]
    [InlineData("Mode = SlabGen.SlabMode.Checked, Debug = SlabGen.SlabDebug.Full")]
    [InlineData("MaxBytes = 0")]
    [InlineData("MaxBytes = 4096")]
    [InlineData("MaxBytes = 16384", Large)]
    [InlineData("MaxBytes = -1")] // SLAB0012
    [InlineData("MaxBytes = 4096", "public System.Guid Id; public System.DateTime[]? Unknown;")]
    public Task Near_misses(string arguments, string fields = Small) => Test.IsSilent($"#nullable enable\n[SlabGen.SlabCache({arguments})] public struct Order {{ {fields} }}");
}
