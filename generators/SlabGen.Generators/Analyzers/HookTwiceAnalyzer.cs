using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0008: a struct has two hooks of one kind. Nothing would say which comes first.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HookTwiceAnalyzer() : SlabCacheAnalyzer(Descriptors.HookTwice)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        foreach (IGrouping<HookKind, SlabHook> hooks in SlabHook.In(type).GroupBy(static hook => hook.Kind))
        {
            SlabHook first = hooks.First();
            foreach (SlabHook other in hooks.Skip(1))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Descriptor, other.Method.Locations[0], type.ToDisplayString(), other.Attribute, first.Method.Name,
                    other.Method.Name));
            }
        }
    }
}
