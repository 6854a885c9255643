using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace SlabGen.Generators;

/// <summary>
/// SLAB0001: the collector does not see the slabs, so a reference in one would dangle after the next collection.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ManagedReferencesAnalyzer() : SlabCacheAnalyzer(Descriptors.ManagedReferences)
{
    private protected override void Analyze(SymbolAnalysisContext context, INamedTypeSymbol type,
        AttributeData attribute)
    {
        // A ref struct has a rule of its own. A type that cannot be found is left to the compiler.
        if (type.IsUnmanagedType || type.IsRefLikeType
            || ManagedField.Find(type) is not { Type.TypeKind: not TypeKind.Error } field)
        {
            return;
        }

        string advice = field.Type is ITypeParameterSymbol parameter
            ? $"add 'where {parameter.Name} : unmanaged'"
            : "keep an index or a handle in its place";

        context.ReportDiagnostic(Diagnostic.Create(
            Descriptor, type.Locations[0], type.ToDisplayString(), field.Path, field.Type.ToDisplayString(), advice));
    }
}
