using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0003: the generated class is in the namespace, where a private, protected or file-local struct cannot be
/// named.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InaccessibleStructAnalyzer() : SlabCacheAnalyzer(Descriptors.Inaccessible)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        if (CacheAccessibility.FindBarrier(type) is { } barrier)
        {
            string accessibility = barrier.IsFileLocal
                ? "file-local" : SyntaxFacts.GetText(barrier.DeclaredAccessibility);
            context.ReportDiagnostic(Diagnostic.Create(
                Descriptor, type.Locations[0], type.ToDisplayString(), barrier.ToDisplayString(), accessibility));
        }
    }
}
