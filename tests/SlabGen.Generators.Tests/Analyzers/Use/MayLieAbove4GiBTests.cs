using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.MayLieAbove4GiBAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0108.</summary>
public sealed class MayLieAbove4GiBTests
{
    private const string Strict = "SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)";

    [Theory]
    [InlineData("SlabCache")]
    [InlineData("SlabCache(Zone = ZoneKind.Dma32)")]
    [InlineData("SlabCache(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Preferred)")]
    [InlineData("SlabCache(Zone = ZoneKind.Dma)")]
    [InlineData("SlabCache(Fallback = ZoneFallback.Strict)")]
    [InlineData("SlabCache(Zone = ZoneKind.Normal, Fallback = ZoneFallback.Strict)")]
    [InlineData("SlabCache(Zone = ZoneKind.HighMem, Fallback = ZoneFallback.Strict)")]
    public Task When_the_cache_is_not_strictly_below(string attribute) => Reports(attribute, "{|#0:(SlabPtr32<Line>)p|}");

    [Theory]
    [InlineData("{|#0:(SlabPtr32<Line>)new SlabPtr<Line>(p.Address)|}")]
    [InlineData("p32 = {|#0:(SlabPtr32<Line>)LineCache.Alloc()|}")]
    [InlineData("p32.Value.Next = {|#0:(SlabPtr32<Line>)(SlabPtr<Line>)(Line*)p|}")]
    public Task In_any_expression(string expression) => Reports("SlabCache", expression);

    [Fact]
    public Task By_the_defaults_of_the_assembly() => Reports(
        "SlabCache(Fallback = ZoneFallback.Preferred)", "{|#0:(SlabPtr32<Line>)p|}", "[assembly: SlabCacheDefaults(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)]");

    [Fact]
    public Task Of_a_generic_struct() => Test.Reports(
        """
        using SlabGen;
        [SlabCache] public struct Box<T> where T : unmanaged { public T Content; }
        public class User { static SlabPtr32<Box<T>> Convert<T>(SlabPtr<Box<T>> p) where T : unmanaged => {|#0:(SlabPtr32<Box<T>>)p|}; }
        """,
        Message("Box"));

    [Theory]
    [InlineData(Strict, "(SlabPtr32<Line>)p")]
    [InlineData("SlabCache(Zone = ZoneKind.Dma, Fallback = ZoneFallback.Strict)", "(SlabPtr32<Line>)p")]
    [InlineData("SlabCache", "SlabPtr32.TryFrom(p, out p32)")]
    [InlineData("SlabCache", "p = p32")]
    [InlineData("SlabCache", "(SlabPtr32<Line>)default(SlabPtr<Line>)")]
    [InlineData("SlabCache", "p32 == default || p32.IsNull")]
    [InlineData("SlabCache", "(SlabPtr32<long>)new SlabPtr<long>(16)")]
    [InlineData("SlabCache", "(SlabPtr32<Plain>)new SlabPtr<Plain>(16)")]
    [InlineData("SlabCache", "(Other.SlabPtr32<Line>)p")]
    public Task Near_misses(string attribute, string expression) => Test.IsSilent(Source(attribute, expression));

    [Fact]
    public Task By_the_defaults_of_the_assembly_below() => Test.IsSilent(
        Source("SlabCache", "(SlabPtr32<Line>)p", "[assembly: SlabCacheDefaults(Zone = ZoneKind.Dma32, Fallback = ZoneFallback.Strict)]"));

    private static Task Reports(string attribute, string expression, string defaults = "") => Test.Reports(Source(attribute, expression, defaults), Message("Line"));

    private static string Message(string type) =>
        $"The slab cache of '{type}' may have objects above 4 GiB, which a SlabPtr32 cannot refer to: set Zone = ZoneKind.Dma32 and Fallback = ZoneFallback.Strict";

    private static string Source(string attribute, string expression, string defaults = "") =>
        $$"""
        using SlabGen;
        {{defaults}}
        [{{attribute}}] public struct Line { public long Id; public SlabPtr32<Line> Next; }
        public struct Plain { public long Id; }

        public unsafe class User
        {
            static void Run(SlabPtr<Line> p, SlabPtr32<Line> p32) { object o = {{expression}}; }
        }

        public static class Other
        {
            public readonly struct SlabPtr32<T> where T : unmanaged { public static explicit operator SlabPtr32<T>(SlabPtr<T> p) => default; }
        }
        """;
}
