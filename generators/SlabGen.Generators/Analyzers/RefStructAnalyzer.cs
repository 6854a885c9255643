using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0002: a ref struct may hold references into the stack, and these become invalid before an object in a slab does.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class RefStructAnalyzer() : SlabCacheAnalyzer(Descriptors.RefStruct)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        if (type.IsRefLikeType)
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, type.Locations[0], type.ToDisplayString()));
        }
    }
}
