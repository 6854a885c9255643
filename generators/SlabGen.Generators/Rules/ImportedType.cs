using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// A type of a referenced assembly that has the full name of the class, or of a pointer beside it. The type is public,
/// or <c>InternalsVisibleTo</c> shows it. The class would hide it, and the compiler would warn of that wherever the
/// class is named (CS0436).
/// </summary>
internal static class ImportedType
{
    /// <summary>The unrelated type that the generated one would hide; null when there is none.</summary>
    public static INamedTypeSymbol? FindCollision(INamedTypeSymbol type, string name, Compilation compilation) =>
        In(type, name, compilation).FirstOrDefault(other => !IsOfTwin(other, type));

    /// <summary>
    /// Whether it hides what is generated for a struct with the same full name. If two assemblies have one struct, the
    /// user knows, and the compiler says so about the struct itself.
    /// </summary>
    public static bool IsHidden(INamedTypeSymbol type, string name, Compilation compilation) =>
        In(type, name, compilation).Any();

    private static IEnumerable<INamedTypeSymbol> In(INamedTypeSymbol type, string name, Compilation compilation)
    {
        int arity = CacheClassName.ArityOf(type);
        string space = type.ContainingNamespace.IsGlobalNamespace
            ? "" : type.ContainingNamespace.ToDisplayString(s_metadata) + ".";
        return compilation.GetTypesByMetadataName($"{space}{name}{(arity == 0 ? "" : $"`{arity}")}").Where(other =>
            !SymbolEqualityComparer.Default.Equals(other.ContainingAssembly, compilation.Assembly)
            && (other.DeclaredAccessibility == Accessibility.Public
                || other.ContainingAssembly.GivesAccessTo(compilation.Assembly))
            && ReferenceAlias.Of(other.ContainingAssembly, compilation) is null);
    }

    private static bool IsOfTwin(INamedTypeSymbol other, INamedTypeSymbol type) =>
        GeneratedCacheClass.IsGenerated(other)
        && (other.TypeKind == TypeKind.Struct
            ? LinkType.TargetOf(other)
            : other.GetMembers("Alloc").OfType<IMethodSymbol>()
                .FirstOrDefault()?.ReturnType is INamedTypeSymbol { TypeArguments: [{ } target] } ? target : null)
                    is { } of
        && of.OriginalDefinition.ToDisplayString() == type.ToDisplayString();

    // Without the @ before names that are keywords.
    private static readonly SymbolDisplayFormat s_metadata =
        new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);
}
