using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0301: the project's C# is too old for the generated code. It is reported once, not for each of its structs.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LanguageVersionAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(BuildDescriptors.LanguageVersion);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(
            GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (!LanguageVersionRule.IsKept(start.Compilation))
            {
                int found = 0;
                start.RegisterSymbolAction(
                    symbol =>
                    {
                        if (SlabCacheAttributeName.FindOn((INamedTypeSymbol)symbol.Symbol) is not null
                            && Interlocked.Exchange(ref found, 1) == 0)
                        {
                            Report(symbol);
                        }
                    },
                    SymbolKind.NamedType);
            }
        });
    }

    // No location: which struct is found first differs from build to build.
    private static void Report(SymbolAnalysisContext context) => context.ReportDiagnostic(Diagnostic.Create(
        BuildDescriptors.LanguageVersion,
        Location.None,
        ((CSharpCompilation)context.Compilation).LanguageVersion.ToDisplayString(),
        LanguageVersionRule.Least.ToDisplayString()));
}
