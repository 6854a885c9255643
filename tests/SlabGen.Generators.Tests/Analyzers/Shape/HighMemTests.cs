using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Test = SlabGen.Generators.Tests.AnalyzerTest<SlabGen.Generators.HighMemAnalyzer>;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0054.</summary>
public sealed class HighMemTests
{
    private const string Message = "The slab cache of 'Order' uses SlabRuntime.Default, which has no pages in HighMem: all its slabs will lie in lower zones";

    [Fact]
    public Task Slabs_in_HighMem() => Test.Reports("[SlabGen.SlabCache({|#0:Zone = SlabGen.ZoneKind.HighMem|})] public struct Order { public int Id; }", Message);

    [Fact]
    public Task By_the_assembly_s_default() => Test.Reports(
        "[assembly: SlabGen.SlabCacheDefaults(Zone = SlabGen.ZoneKind.HighMem)] [SlabGen.SlabCache] public struct {|#0:Order|} { public int Id; }", Message);

    [Theory]
    [InlineData("Zone = SlabGen.ZoneKind.Normal")]
    [InlineData("Zone = SlabGen.ZoneKind.Dma, Fallback = SlabGen.ZoneFallback.Preferred")]
    [InlineData("Order = 3")]
    public Task Near_misses(string argument) => Test.IsSilent($"[SlabGen.SlabCache({argument})] public struct Order {{ public int Id; }}");

    [Fact]
    public Task A_class_that_names_its_own_runtime() => Test.IsSilent(
        """
        using SlabGen;
        [SlabCache(Zone = ZoneKind.HighMem)] public struct Order { public int Id; }
        static partial class OrderCache
        {
            static partial void Configure(ref SlabRuntime runtime, ref SlabCacheOptions options) => runtime = new(new() { HighMem = new() { Bytes = 1 << 20 } });
        }
        """);

    [Fact]
    public async Task A_build_that_gives_the_default_runtime_high_memory()
    {
        CSharpCompilation compilation = TestCompilation.Create("[SlabGen.SlabCache(Zone = SlabGen.ZoneKind.HighMem)] public struct Order { public int Id; }");
        Assert.Single(await Diagnose(""));
        Assert.Empty(await Diagnose("16M"));

        Task<ImmutableArray<Diagnostic>> Diagnose(string bytes) => compilation.WithAnalyzers(
            [new HighMemAnalyzer()],
            new AnalyzerOptions([], new BuildProperties(("SlabGenHighMemBytes", bytes))))
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
    }
}
