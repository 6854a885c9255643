using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0052: more than a quarter of the object is padding, and another order of its fields would make it smaller in the
/// slab.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class PaddingAnalyzer() : SlabCacheAnalyzer(ShapeDescriptors.Padding)
{
    // The least alignment of an object in a slab (ARCH_SLAB_MINALIGN). Savings below it save nothing.
    private const int SlabAlignment = 8;

    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        if (FieldLayout.FieldsOf(type) is not { Count: > 1 } fields)
        {
            return;
        }

        long size = FieldLayout.Sequence(fields.Select(static field => field.Layout)).Size;
        long padding = size - fields.Sum(static field => field.Layout.Size);

        // With the largest alignment first there is no gap between fields. A stable sort keeps the user's order where
        // it does not matter.
        (IFieldSymbol Field, FieldLayout Layout)[] best =
            [.. fields.OrderByDescending(static field => field.Layout.Alignment)];
        long bestSize = FieldLayout.Sequence(best.Select(static field => field.Layout)).Size;

        if (padding * 4 > size
            && FieldLayout.RoundUp(bestSize, SlabAlignment) < FieldLayout.RoundUp(size, SlabAlignment))
        {
            string order =
                string.Join(", ", best.Select(static field => field.Field.AssociatedSymbol?.Name ?? field.Field.Name));
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, type.Locations[0], type.ToDisplayString(), size,
                padding, order, bestSize));
        }
    }
}
