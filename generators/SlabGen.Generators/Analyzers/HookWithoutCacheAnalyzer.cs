using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0010: a hook is in a type that gets no generated class, so nothing calls it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HookWithoutCacheAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics =>
        ImmutableArray.Create(Descriptors.HookWithoutCache);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(
            GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.Method);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        IMethodSymbol method = (IMethodSymbol)context.Symbol;
        if (method.GetAttributes().IsEmpty
            || (method.ContainingType.TypeKind == TypeKind.Struct
                && SlabCacheAttributeName.FindOn(method.ContainingType) is not null))
        {
            return;
        }

        foreach (HookKind kind in HookAttributeNames.KindsOf(method))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptors.HookWithoutCache,
                method.Locations[0],
                method.ToDisplayString(),
                new SlabHook(kind, method).Attribute,
                method.ContainingType.ToDisplayString()));
        }
    }
}
