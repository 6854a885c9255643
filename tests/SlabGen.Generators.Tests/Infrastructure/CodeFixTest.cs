using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace SlabGen.Generators.Tests;

/// <summary>Runs one analyzer and its fix over a source in which <c>{|SLAB0101:…|}</c> marks what is reported.</summary>
internal static class CodeFixTest<TAnalyzer, TFix>
    where TAnalyzer : DiagnosticAnalyzer, new()
    where TFix : CodeFixProvider, new()
{
    /// <summary>The fix makes the one out of the other, where it applies to all as well, and nothing is reported any more.</summary>
    /// <param name="source">The source, with marks.</param>
    /// <param name="expected">What the fix makes of it, applied as long as something is reported.</param>
    /// <param name="expectedOfAll">What it makes when it is applied to all at once, where that is not the same.</param>
    public static Task Fixes(string source, string expected, string? expectedOfAll = null)
    {
        Test test = new() { TestCode = source, FixedCode = expected, BatchFixedCode = expectedOfAll ?? expected, TestBehaviors = TestBehaviors.SkipGeneratedSourcesCheck };
        test.AddReferences();
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>No fix is offered for what is reported.</summary>
    public static Task OffersNone(string source) => Fixes(source, source);

    private sealed class Test : CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier>
    {
        // A framework without packages: nothing is fetched.
        public Test() => ReferenceAssemblies = new ReferenceAssemblies("net10.0");

        public void AddReferences()
        {
            TestState.AdditionalReferences.AddRange(Net100.References.All);
            TestState.AdditionalReferences.Add(typeof(SlabCacheAttribute).Assembly);
        }

        protected override IEnumerable<Type> GetSourceGenerators() => [typeof(SlabCacheGenerator)];

        protected override ParseOptions CreateParseOptions() => TestCompilation.ParseOptions;
    }
}
