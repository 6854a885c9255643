using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators.Tests;

/// <summary>
/// The way every test of the generator's output goes, so that each also proves what must hold of every output: it compiles with no diagnostic of any
/// severity, the analyzers agree, a second run finds everything cached, and the pipeline keeps nothing of the compilation.
/// </summary>
internal static class GeneratorTest
{
    /// <summary>All rules, as the user's compiler runs them.</summary>
    public static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
    [
        .. typeof(SlabCacheGenerator).Assembly.GetTypes()
            .Where(static type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .OrderBy(static type => type.Name, StringComparer.Ordinal)
            .Select(static type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!),
    ];

    // Those that say why there is no class; the others have opinions on the source, which is not the subject.
    private static readonly ImmutableArray<DiagnosticAnalyzer> s_errors =
        [.. Analyzers.Where(static analyzer => analyzer.SupportedDiagnostics[0].DefaultSeverity == DiagnosticSeverity.Error)];

    /// <summary>Generates from the source, and holds every generated file against its baseline.</summary>
    public static async Task Verify(
        string source,
        [CallerFilePath] string testFile = "",
        [CallerMemberName] string method = "")
    {
        GeneratorDriver driver = await RunDriver(source);
        ImmutableArray<GeneratedSourceResult> files = driver.GetRunResult().Results[0].GeneratedSources;

        Assert.NotEmpty(files);
#if USE_VERIFY
        await VerifyPackage.Verify(driver, WithoutVersion, testFile);
#else
        Assert.All(files, file => Baseline.Verify(WithoutVersion(file.SourceText.ToString()), file.HintName, testFile, method));
#endif
        Baseline.VerifyNoOther(files.Select(static file => file.HintName), testFile, method);
    }

    /// <summary>Generates from sources that are valid, and returns the generated files.</summary>
    public static async Task<ImmutableArray<GeneratedSourceResult>> Run(params IEnumerable<string> sources) =>
        (await RunDriver(sources)).GetRunResult().Results[0].GeneratedSources;

    private static async Task<GeneratorDriver> RunDriver(params IEnumerable<string> sources)
    {
        CSharpCompilation compilation = TestCompilation.Create(sources);
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out ImmutableArray<Diagnostic> diagnostics, TestContext.Current.CancellationToken);
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);

        Assert.Null(result.Exception);
        Assert.Empty(diagnostics);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
        Assert.Empty(output.Emit(Stream.Null, cancellationToken: TestContext.Current.CancellationToken).Diagnostics);
        Assert.Empty(await output.WithAnalyzers(s_errors).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken));

        Steps.AssertAllCached(driver.RunGenerators(compilation.Clone(), TestContext.Current.CancellationToken));
        ModelGraph.AssertHoldsNoRoslyn(result);
        return driver;
    }

    /// <summary>
    /// Runs the generator on sources that break a rule: it must say nothing, and what it writes compile with them; exactly one analyzer does, in every place.
    /// </summary>
    public static async Task VerifySilent(string rule, params IEnumerable<string> sources)
    {
        CSharpCompilation compilation = TestCompilation.Create(sources);
        GeneratorDriver driver = TestCompilation.CreateDriver().RunGeneratorsAndUpdateCompilation(
            compilation, out Compilation output, out _, TestContext.Current.CancellationToken);
        GeneratorRunResult result = Assert.Single(driver.GetRunResult().Results);

        Assert.Null(result.Exception);
        Assert.Empty(result.Diagnostics);
        Assert.Empty(output.GetDiagnostics(TestContext.Current.CancellationToken));
        Assert.All(
            driver.RunGenerators(compilation.Clone(), TestContext.Current.CancellationToken).ReasonsOfOutputs(),
            static reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));

        ImmutableArray<Diagnostic> reported =
            await output.WithAnalyzers(s_errors).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.NotEmpty(reported);
        Assert.All(reported, diagnostic => Assert.Equal(rule, diagnostic.Id));
    }

    /// <summary>Runs the generator on code that does not compile, as it is while the user types.</summary>
    public static void VerifyNoException(string source)
    {
        GeneratorRunResult result = Assert.Single(TestCompilation.CreateDriver()
            .RunGenerators(TestCompilation.Create(source), TestContext.Current.CancellationToken).GetRunResult().Results);

        Assert.Null(result.Exception);
        Assert.Empty(result.Diagnostics);
    }

    // A release must not touch every baseline.
    private static string WithoutVersion(string text) =>
        text.Replace($"\"{typeof(SlabCacheGenerator).Assembly.GetName().Version!.ToString(3)}\"", "\"%VERSION%\"", StringComparison.Ordinal);
}
