using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0006: an alignment is no power of two, or larger than a slab can keep.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class InvalidAlignmentAnalyzer() : SlabCacheAnalyzer(Descriptors.InvalidAlignment)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        int alignment = SlabCacheArguments.Of(type, attribute).Alignment;
        if (!AlignmentRule.IsValid(alignment))
        {
            Location location = LocationOf("Alignment", type, attribute, context.CancellationToken);
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, location, type.ToDisplayString(), alignment));
        }
    }
}
