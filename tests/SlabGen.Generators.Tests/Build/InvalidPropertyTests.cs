using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0300.</summary>
public sealed class InvalidPropertyTests
{
    [Theory]
    [InlineData("SlabGenMode", "Check", "The MSBuild property 'SlabGenMode' cannot be 'Check': it must be Default or Fast or Checked")]
    [InlineData("SlabGenMode", "2", "The MSBuild property 'SlabGenMode' cannot be '2': it must be Default or Fast or Checked")]
    [InlineData("SlabGenZeroing", "true", "The MSBuild property 'SlabGenZeroing' cannot be 'true': it must be None or OnAlloc or OnFree")]
    [InlineData("SlabGenRandomOrder", "yes", "The MSBuild property 'SlabGenRandomOrder' cannot be 'yes': it must be false or true")]
    public async Task A_word_that_is_no_value(string property, string value, string message)
    {
        Diagnostic diagnostic = Assert.Single(await Analyze((property, value)));
        Assert.Equal(message, diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Each_property_is_named() =>
        Assert.Equal(3, (await Analyze(("SlabGenMode", "a"), ("SlabGenZeroing", "b"), ("SlabGenRandomOrder", "c"))).Length);

    [Theory]
    [InlineData("SlabGenMode", "")]
    [InlineData("SlabGenMode", " ")]
    [InlineData("SlabGenMode", "default")]
    [InlineData("SlabGenZeroing", "OnAlloc")]
    [InlineData("SlabGenRandomOrder", "FALSE")]
    [InlineData("SlabGenFuture", "a")]
    public async Task Near_misses(string property, string value) => Assert.Empty(await Analyze((property, value)));

    internal static Task<ImmutableArray<Diagnostic>> Analyze(params (string Name, string Value)[] properties) => TestCompilation.Create("")
        .WithAnalyzers([new InvalidPropertyAnalyzer()], new AnalyzerOptions([], new BuildProperties(properties)))
        .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
}
