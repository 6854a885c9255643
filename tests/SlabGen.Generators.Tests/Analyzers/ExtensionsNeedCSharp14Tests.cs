using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0014.</summary>
public sealed class ExtensionsNeedCSharp14Tests
{
    private const string Source = "[SlabGen.SlabCache(Extensions = true)] public struct Order { public int Id; }";

    [Fact]
    public async Task In_an_older_language_the_class_comes_without_them_and_one_error_says_why()
    {
        (ImmutableArray<Diagnostic> reported, int files) = await Run(Source, LanguageVersion.CSharp13);

        Assert.Equal(
            "'Order' cannot have extension members because the project uses C# 13.0: set LangVersion to 14, or remove Extensions",
            Assert.Single(reported).GetMessage(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("Extensions = true", Source.Substring(reported[0].Location.SourceSpan.Start, reported[0].Location.SourceSpan.Length));
        Assert.Equal(1, files);
    }

    [Theory]
    [InlineData("[SlabGen.SlabCache] public struct Order { public int Id; }", LanguageVersion.CSharp13)]
    [InlineData("[SlabGen.SlabCache(Extensions = false)] public struct Order { public int Id; }", LanguageVersion.CSharp13)]
    [InlineData(Source, LanguageVersion.CSharp14)]
    [InlineData(Source, LanguageVersion.Latest)]
    [InlineData(Source, LanguageVersion.Preview)]
    public async Task Near_misses(string source, LanguageVersion version)
    {
        (ImmutableArray<Diagnostic> reported, int files) = await Run(source, version);

        Assert.Empty(reported);
        Assert.Equal(1, files);
    }

    private static async Task<(ImmutableArray<Diagnostic> Reported, int Files)> Run(string source, LanguageVersion version)
    {
        CSharpParseOptions options = TestCompilation.ParseOptions.WithLanguageVersion(version);
        CSharpCompilation compilation = CSharpCompilation.Create(
            "User",
            [CSharpSyntaxTree.ParseText(source, options, cancellationToken: TestContext.Current.CancellationToken)],
            TestCompilation.References,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new SlabCacheGenerator().AsSourceGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);

        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken).Where(static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        ImmutableArray<Diagnostic> reported = await output.WithAnalyzers([new ExtensionsNeedCSharp14Analyzer()])
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return (reported, driver.GetRunResult().GeneratedTrees.Length);
    }
}
