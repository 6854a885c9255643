using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace SlabGen.Generators.Tests;

/// <summary>Runs one analyzer over a source in which <c>{|#0:…|}</c> marks where it has to report.</summary>
internal static class AnalyzerTest<TAnalyzer>
    where TAnalyzer : DiagnosticAnalyzer, new()
{
    /// <summary>The analyzer reports these messages, the nth at mark n, and nothing else.</summary>
    public static Task Reports(string source, params IEnumerable<string> messages) => Run(
        source,
        messages.Select(static (message, i) =>
            new DiagnosticResult(new TAnalyzer().SupportedDiagnostics[0]).WithLocation(i).WithMessage(message)));

    /// <summary>The analyzer reports this message at mark 0, and names mark 1 as what it is wrong together with.</summary>
    public static Task ReportsTogether(string source, string message) => Run(
        source, [new DiagnosticResult(new TAnalyzer().SupportedDiagnostics[0]).WithLocation(0).WithLocation(1).WithMessage(message)]);

    /// <summary>The analyzer has nothing to say.</summary>
    public static Task IsSilent(string source) => Run(source, []);

    private static Task Run(string source, IEnumerable<DiagnosticResult> expected)
    {
        Test test = new() { TestCode = source, TestBehaviors = TestBehaviors.SkipGeneratedSourcesCheck };
        test.TestState.AdditionalReferences.AddRange(Net100.References.All);
        test.TestState.AdditionalReferences.Add(typeof(SlabCacheAttribute).Assembly);
        test.ExpectedDiagnostics.AddRange(expected);
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Test : CSharpAnalyzerTest<TAnalyzer, DefaultVerifier>
    {
        // A framework without packages: nothing is fetched, the references above are all there is.
        public Test() => ReferenceAssemblies = new ReferenceAssemblies("net10.0");

        // What the generator wrote is part of the user's project; its text has tests of its own.
        protected override IEnumerable<Type> GetSourceGenerators() => [typeof(SlabCacheGenerator)];

        protected override ParseOptions CreateParseOptions() => TestCompilation.ParseOptions;
    }
}
