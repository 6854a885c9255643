using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0051: an object is larger than a block of the largest order. It is no error, because larger pages make larger
/// blocks.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TooLargeAnalyzer() : SlabCacheAnalyzer(ShapeDescriptors.TooLarge)
{
    private const long LargestSlab = 4L << 20;

    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        if (FieldLayout.Of(type) is { } layout && layout.Size > LargestSlab)
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, type.Locations[0], type.ToDisplayString(),
                layout.Size, LargestSlab));
        }
    }
}
