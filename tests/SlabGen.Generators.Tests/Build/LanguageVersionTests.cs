using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace SlabGen.Generators.Tests;

/// <summary>SLAB0301, and that the version it asks for is the one that is needed.</summary>
public sealed class LanguageVersionTests
{
    private const LanguageVersion Least = LanguageVersion.CSharp13;

    private const string Sources =
        """
        using SlabGen;
        namespace Shop
        {
            [SlabCache] public struct Order { public long Id; }
            [SlabCache(Zeroing = SlabZeroing.OnAlloc, SingleThreaded = true, Mode = SlabMode.Checked)] public struct Line { public long Id; }
            [SlabCache] public struct Box<T> where T : unmanaged { public T Content; }
            [SlabCache] public struct Session
            {
                public long Id;
                [SlabConstructor] internal bool Make() { return true; }
                [SlabDestructor] internal void End() { }
                [SlabInit] internal bool Start() { return true; }
                [SlabFini] internal void Stop() { }
            }
        }
        """;

    [Fact]
    public async Task From_the_least_version_on_the_generated_code_compiles()
    {
        foreach (LanguageVersion version in new[] { Least, LanguageVersion.CSharp14, LanguageVersion.Preview })
        {
            (Compilation output, int files) = Generate(Sources, version);
            Assert.Equal(4, files);
            Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
            Assert.Empty(await Analyze(output));
        }
    }

    [Fact]
    public void Below_it_the_generated_code_would_not_compile()
    {
        (Compilation output, _) = Generate(Sources, Least);
        CSharpParseOptions older = new(LanguageVersion.CSharp12);
        Compilation again = output.RemoveAllSyntaxTrees().AddSyntaxTrees(
            output.SyntaxTrees.Select(tree => CSharpSyntaxTree.ParseText(tree.GetText(TestContext.Current.CancellationToken), older)));
        Assert.Contains(again.GetDiagnostics(TestContext.Current.CancellationToken), static diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp12, "12.0")]
    [InlineData(LanguageVersion.CSharp9, "9.0")]
    public async Task Below_it_placeholders_are_generated_and_one_error_says_why(LanguageVersion version, string name)
    {
        (Compilation output, int files) = Generate(Sources, version);
        Assert.Equal(4, files);
        Assert.DoesNotContain(output.GetDiagnostics(TestContext.Current.CancellationToken), static found => found.Location.SourceTree!.FilePath.EndsWith(".g.cs", StringComparison.Ordinal));
        Diagnostic diagnostic = Assert.Single(await Analyze(output));
        Assert.Equal(
            $"No slab cache can be generated in C# {name}: the generated code needs C# 13.0, so set LangVersion to 13.0 or later, or remove it",
            diagnostic.GetMessage(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_project_without_a_slab_cache_may_have_any_version() =>
        Assert.Empty(await Analyze(Generate("public struct Order { }", LanguageVersion.CSharp9).Output));

    private static (Compilation Output, int Files) Generate(string source, LanguageVersion version)
    {
        CSharpParseOptions options = new(version);
        CSharpCompilation compilation = TestCompilation.Create().AddSyntaxTrees(CSharpSyntaxTree.ParseText(SourceText.From(source), options));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new SlabCacheGenerator().AsSourceGenerator()], parseOptions: options)
            .RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        return (output, driver.GetRunResult().GeneratedTrees.Length);
    }

    private static Task<ImmutableArray<Diagnostic>> Analyze(Compilation compilation) => compilation
        .WithAnalyzers([new LanguageVersionAnalyzer()])
        .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
}
