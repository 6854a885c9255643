using Test = SlabGen.Generators.Tests.CodeFixTest<SlabGen.Generators.MayLieAbove4GiBAnalyzer, SlabGen.CodeFixes.UseDma32Fix>;

namespace SlabGen.Generators.Tests;

/// <summary>The fix of SLAB0108.</summary>
public sealed class UseDma32FixTests
{
    [Theory]
    [InlineData("SlabCache", "SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)")]
    [InlineData("SlabCache(Name = \"Lines\")", "SlabCache(Name = \"Lines\", Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)")]
    [InlineData("SlabCache(Fallback = ZoneFallback.Preferred, Order = 1)", "SlabCache(Fallback = ZoneFallback.Strict, Order = 1, Zone = ZoneKind.Dma32)")]
    [InlineData("SlabCache(Zone = ZoneKind.Dma32)", "SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)")]
    public Task Sets_both(string attribute, string expected) => Test.Fixes(
        Source(attribute, "{|SLAB0108:(SlabPtr32<Line>)p|}"), Source(expected, "(SlabPtr32<Line>)p"));

    [Fact]
    public Task Without_a_using() => Test.Fixes(
        "[SlabGen.SlabCache] public struct Line { public SlabGen.SlabPtr32<Line> Next; void Set(SlabGen.SlabPtr<Line> p) => Next = {|SLAB0108:(SlabGen.SlabPtr32<Line>)p|}; }",
        "[SlabGen.SlabCache(Zone = SlabGen.ZoneKind.Dma32, Fallback = SlabGen.ZoneFallback.Strict)] public struct Line { public SlabGen.SlabPtr32<Line> Next; void Set(SlabGen.SlabPtr<Line> p) => Next = (SlabGen.SlabPtr32<Line>)p; }");

    private static string Source(string attribute, string conversion) =>
        $$"""
        using SlabGen;

        [{{attribute}}]
        public struct Line { public SlabPtr32<Line> Next; }

        public class User { static SlabPtr32<Line> Convert(SlabPtr<Line> p) => {{conversion}}; }
        """;
}
