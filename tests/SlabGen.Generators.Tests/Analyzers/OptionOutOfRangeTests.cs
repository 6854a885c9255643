using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.OptionOutOfRangeAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0012.</summary>
public sealed class OptionOutOfRangeTests
{
    [Theory]
    [InlineData("Order = -2", "Order", "-2", "-1 to 10")]
    [InlineData("Order = 11", "Order", "11", "-1 to 10")]
    [InlineData("MinPartial = -2", "MinPartial", "-2", "-1 to 2147483647")]
    [InlineData("Zone = (SlabGen.ZoneKind)4", "Zone", "4", "0 to 3")]
    [InlineData("Zone = (SlabGen.ZoneKind)(-1)", "Zone", "-1", "0 to 3")]
    [InlineData("Fallback = (SlabGen.ZoneFallback)2", "Fallback", "2", "0 to 1")]
    [InlineData("MagazineRounds = -1", "MagazineRounds", "-1", "0 to 509")]
    [InlineData("MagazineRounds = 510", "MagazineRounds", "510", "0 to 509")]
    [InlineData("DepotBytes = -1", "DepotBytes", "-1", "0 to 9223372036854775807")]
    [InlineData("ReuseDistanceBytes = long.MinValue", "ReuseDistanceBytes", "-9223372036854775808", "0 to 9223372036854775807")]
    [InlineData("MaxObjects = -1", "MaxObjects", "-1", "0 to 9223372036854775807")]
    [InlineData("MaxBytes = -1", "MaxBytes", "-1", "0 to 9223372036854775807")]
    [InlineData("Mode = (SlabGen.SlabMode)3", "Mode", "3", "0 to 2")]
    [InlineData("Debug = (SlabGen.SlabDebug)64", "Debug", "64", "0 to 63")]
    [InlineData("Zeroing = (SlabGen.SlabZeroing)3", "Zeroing", "3", "0 to 2")]
    public Task Beyond_the_range(string argument, string option, string value, string range) => Test.Reports(
        $"[SlabGen.SlabCache(HwCacheAlign = true, {{|#0:{argument}|}})] public struct Order;",
        $"{option} of the slab cache of 'Order' cannot be {value}: it must be from {range}");

    [Fact]
    public Task In_the_assembly_s_defaults() => Test.Reports(
        "[assembly: SlabGen.SlabCacheDefaults(Order = 11)] [SlabGen.SlabCache] public struct {|#0:Order|};",
        "Order of the slab cache of 'Order' cannot be 11: it must be from -1 to 10");

    [Theory]
    [InlineData("Order = -1")]
    [InlineData("Order = 10")]
    [InlineData("MinPartial = 0")]
    [InlineData("MagazineRounds = 509")]
    [InlineData("DepotBytes = long.MaxValue")]
    [InlineData("Zone = SlabGen.ZoneKind.HighMem")]
    [InlineData("Zeroing = SlabGen.SlabZeroing.OnFree")]
    [InlineData("Alignment = 48")]
    [InlineData("Order = {|CS0029:\"\"|}")]
    public Task Near_misses(string argument) => Test.IsSilent($"[SlabGen.SlabCache({argument})] public struct Order;");

    [Fact]
    public Task A_struct_s_own_value_hides_the_default() => Test.IsSilent(
        "[assembly: SlabGen.SlabCacheDefaults(Order = 11)] [SlabGen.SlabCache(Order = 1)] public struct Order;");
}
