using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>SLAB0050: an object without fields has nothing except an address, and still takes 8 bytes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EmptyStructAnalyzer() : SlabCacheAnalyzer(ShapeDescriptors.Empty)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        // An explicit size is content too: some code reads it through pointers.
        if (type.IsUnmanagedType
            && !type.IsRefLikeType
            && !type.GetMembers().Any(static member => member is IFieldSymbol { IsStatic: false })
            && !type.GetAttributes().Any(static other => other.AttributeClass?.Name == "StructLayoutAttribute"))
        {
            context.ReportDiagnostic(Diagnostic.Create(Descriptor, type.Locations[0], type.ToDisplayString()));
        }
    }
}
