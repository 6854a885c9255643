using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0007: a hook has parameters that the generated class has no arguments for, or a result that it cannot use.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HookSignatureAnalyzer() : SlabCacheAnalyzer(Descriptors.HookSignature)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        foreach (SlabHook hook in SlabHook.In(type))
        {
            if (hook.WhyInvalid() is { } reason)
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Descriptor, hook.Method.Locations[0], hook.Method.ToDisplayString(), hook.Attribute, reason,
                    hook.Returns));
            }
        }
    }
}
