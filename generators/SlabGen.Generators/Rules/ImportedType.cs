using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// A type of a referenced assembly that has the class's full name: a public one, or one that <c>InternalsVisibleTo</c> shows. The class would hide it, and
/// the compiler would warn of that wherever the class is named (CS0436).
/// </summary>
internal static class ImportedType
{
    /// <summary>The type that the class would hide although it has nothing to do with it; null when there is none.</summary>
    public static INamedTypeSymbol? FindCollision(INamedTypeSymbol type, string className, Compilation compilation) =>
        In(type, className, compilation).FirstOrDefault(other => !IsOfTwin(other, type));

    /// <summary>
    /// Whether it hides the class of a struct that has the struct's own full name. Where two assemblies have one struct, the user knows and is told so of the
    /// struct itself.
    /// </summary>
    public static bool IsHidden(INamedTypeSymbol type, string className, Compilation compilation) => In(type, className, compilation).Any();

    private static IEnumerable<INamedTypeSymbol> In(INamedTypeSymbol type, string className, Compilation compilation)
    {
        int arity = CacheClassName.ArityOf(type);
        string space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString(s_metadata) + ".";
        return compilation.GetTypesByMetadataName($"{space}{className}{(arity == 0 ? "" : $"`{arity}")}").Where(other =>
            !SymbolEqualityComparer.Default.Equals(other.ContainingAssembly, compilation.Assembly)
            && (other.DeclaredAccessibility == Accessibility.Public || other.ContainingAssembly.GivesAccessTo(compilation.Assembly))
            && ReferenceAlias.Of(other.ContainingAssembly, compilation) is null);
    }

    private static bool IsOfTwin(INamedTypeSymbol other, INamedTypeSymbol type) =>
        GeneratedCacheClass.IsGenerated(other)
        && (LinkType.TargetOf(other) ?? (other.GetMembers("Alloc").OfType<IMethodSymbol>().FirstOrDefault()?.ReturnType as INamedTypeSymbol)?.TypeArguments.FirstOrDefault()) is { } of
        && of.OriginalDefinition.ToDisplayString() == type.ToDisplayString();

    // Without the @ of names that are keywords.
    private static readonly SymbolDisplayFormat s_metadata = new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
