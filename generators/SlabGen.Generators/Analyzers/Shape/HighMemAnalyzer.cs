using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0054: generated classes have their caches in the runtime of the process, which has no pages in HighMem.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class HighMemAnalyzer() : SlabCacheAnalyzer(ShapeDescriptors.HighMem)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        if (SlabCacheArguments.Of(type, attribute).IsInHighMem)
        {
            Location location = LocationOf(CacheOptions.Zone, type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, type.ToDisplayString()));
        }
    }
}
