using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0009: a private hook, which the generated class cannot call.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InaccessibleHookAnalyzer() : SlabCacheAnalyzer(Descriptors.InaccessibleHook)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        foreach (SlabHook hook in SlabHook.In(type))
        {
            // If its signature is wrong too, the rule for signatures reports it.
            if (!hook.IsAccessible && hook.WhyInvalid() is null)
            {
                string accessibility = SyntaxFacts.GetText(hook.Method.DeclaredAccessibility);
                context.ReportDiagnostic(Diagnostic.Create(
                    Descriptor, hook.Method.Locations[0], hook.Method.ToDisplayString(), hook.Attribute,
                    accessibility));
            }
        }
    }
}
