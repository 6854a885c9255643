using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0050: an object without fields has nothing but an address, and still takes 8 bytes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EmptyStructAnalyzer() : SlabCacheAnalyzer(ShapeDescriptors.Empty)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type, AttributeData attribute)
    {
        // A size of its own is content too: somebody reads it through pointers.
        if (type.IsUnmanagedType
            && !type.IsRefLikeType
            && !type.GetMembers().Any(static member => member is IFieldSymbol { IsStatic: false })
            && !type.GetAttributes().Any(static other => other.AttributeClass?.Name == "StructLayoutAttribute"))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, type.Locations[0], type.ToDisplayString()));
        }
    }
}
