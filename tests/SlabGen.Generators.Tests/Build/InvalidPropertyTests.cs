using System.Collections.Immutable;
using System.Text.RegularExpressions;
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
    [InlineData("SlabGenMemoryLimit", "2X", "The MSBuild property 'SlabGenMemoryLimit' cannot be '2X': it must be a number of bytes, with K, M, G or T for the powers of 1024: 536870912 or 512M")]
    [InlineData("SlabGenMinFreeBytes", "1.5G", "The MSBuild property 'SlabGenMinFreeBytes' cannot be '1.5G': it must be a number of bytes, with K, M, G or T for the powers of 1024: 536870912 or 512M")]
    [InlineData("SlabGenHighMemBytes", "-1", "The MSBuild property 'SlabGenHighMemBytes' cannot be '-1': it must be a number of bytes, with K, M, G or T for the powers of 1024: 536870912 or 512M")]
    [InlineData("SlabGenReapInterval", "10", "The MSBuild property 'SlabGenReapInterval' cannot be '10': it must be a number with ms, s or m, as 500ms or 10s, or the word infinite")]
    [InlineData("SlabGenPinning", "true", "The MSBuild property 'SlabGenPinning' cannot be 'true': it must be None or BestEffort or Required")]
    [InlineData("SlabGenHugePages", "Always", "The MSBuild property 'SlabGenHugePages' cannot be 'Always': it must be None or Transparent or Reserved")]
    [InlineData("SlabGenProcessors", "two", "The MSBuild property 'SlabGenProcessors' cannot be 'two': it must be a number")]
    [InlineData("SlabGenWatermarkScaleFactor", "0x10", "The MSBuild property 'SlabGenWatermarkScaleFactor' cannot be '0x10': it must be a number")]
    [InlineData("SlabGenGuard", "always", "The MSBuild property 'SlabGenGuard' cannot be 'always': it must be on, off, or the interval: a number with ms, s or m, as 100ms, at most 1 hour")]
    [InlineData("SlabGenGuardObjects", "-1", "The MSBuild property 'SlabGenGuardObjects' cannot be '-1': it must be a number")]
    [InlineData("SlabGenDebug", "FZX", "The MSBuild property 'SlabGenDebug' cannot be 'FZX': it must be on, off, or letters of FZPUTQ, or -, with names of caches, as in FZ,orders,kmalloc-*;-,lines")]
    public async Task A_word_that_is_no_value(string property, string value, string message)
    {
        Diagnostic diagnostic = Assert.Single(await Analyze((property, value)));
        Assert.Equal(message, diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Each_property_is_named() =>
        Assert.Equal(3, (await Analyze(("SlabGenMode", "a"), ("SlabGenZeroing", "b"), ("SlabGenRandomOrder", "c"))).Length);

    [Fact]
    public async Task Each_property_of_the_default_runtime_is_looked_at_but_the_path()
    {
        string folder = Path.Combine(TestCompilation.RepositoryRoot, "src", "SlabGen", "buildTransitive");
        string props = File.ReadAllText(Path.Combine(folder, "SlabGen.props")), targets = File.ReadAllText(Path.Combine(folder, "SlabGen.targets"));
        string[] properties = [.. Regex.Matches(targets, """<RuntimeHostConfigurationOption .* Value="\$\((\w+)\)""").Select(static match => match.Groups[1].Value).Where(static name => name != "SlabGenHighMemPath")];
        Assert.True(properties.Length >= 8);
        foreach (string property in properties)
        {
            Assert.Contains($"""<CompilerVisibleProperty Include="{property}" />""", props, StringComparison.Ordinal);
            Assert.Single(await Analyze((property, "?")));
        }
    }

    [Theory]
    [InlineData("SlabGenMode", "")]
    [InlineData("SlabGenMode", " ")]
    [InlineData("SlabGenMode", "default")]
    [InlineData("SlabGenZeroing", "OnAlloc")]
    [InlineData("SlabGenRandomOrder", "FALSE")]
    [InlineData("SlabGenFuture", "a")]
    [InlineData("SlabGenDebug", "fzpu")]
    [InlineData("SlabGenDebug", "FZ,orders,kmalloc-*;-,lines")]
    [InlineData("SlabGenDebug", ",orders")]
    [InlineData("SlabGenDebug", "off")]
    [InlineData("SlabGenMemoryLimit", " 512m ")]
    [InlineData("SlabGenReapInterval", "Infinite")]
    [InlineData("SlabGenReapInterval", "250MS")]
    [InlineData("SlabGenPinning", "bestEffort")]
    [InlineData("SlabGenProcessors", "3")]
    [InlineData("SlabGenGuard", "On")]
    [InlineData("SlabGenGuard", "250ms")]
    [InlineData("SlabGenGuardObjects", "16")]
    [InlineData("SlabGenHighMemPath", "/anything")]
    public async Task Near_misses(string property, string value) => Assert.Empty(await Analyze((property, value)));

    internal static Task<ImmutableArray<Diagnostic>> Analyze(params (string Name, string Value)[] properties) => TestCompilation.Create("")
        .WithAnalyzers([new InvalidPropertyAnalyzer()], new AnalyzerOptions([], new BuildProperties(properties)))
        .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
}
