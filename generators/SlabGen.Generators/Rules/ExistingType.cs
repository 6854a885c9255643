using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.Generators;

/// <summary>What the namespace already has under the name of a class or pointer to generate.</summary>
internal static class ExistingType
{
    /// <summary>
    /// The user's type or namespace that the class or pointer would collide with; null when the name is free or the two
    /// would merge.
    /// </summary>
    public static INamespaceOrTypeSymbol? FindCollision(INamedTypeSymbol type, string name,
        IReadOnlyList<LinkModel> links)
    {
        int arity = CacheClassName.ArityOf(type);

        foreach (INamespaceOrTypeSymbol member in type.ContainingNamespace.GetMembers(name))
        {
            bool collides = member switch
            {
                INamespaceSymbol => arity == 0,
                INamedTypeSymbol existing =>
                    existing.Arity == arity && !existing.IsFileLocal && !GeneratedCacheClass.IsGenerated(existing)
                        && !Merges(existing, type, links),
                _ => false,
            };

            if (collides)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>
    /// What has the name of the class with a struct's extension members already; null when the name is free.
    /// </summary>
    public static INamespaceOrTypeSymbol? FindCollisionOfExtensions(INamedTypeSymbol type, string className) =>
        type.ContainingNamespace.GetMembers(className).FirstOrDefault(static member =>
            member is INamespaceSymbol
                || (member is INamedTypeSymbol { Arity: 0, IsFileLocal: false } existing
                    && !GeneratedCacheClass.IsGenerated(existing)));

    /// <summary>
    /// Whether the user's type is a part of the generated one. Users may add members of their own that way.
    /// </summary>
    private static bool Merges(INamedTypeSymbol existing, INamedTypeSymbol type, IReadOnlyList<LinkModel> links) =>
        (links.Any(link => link.Name == existing.Name)
            ? existing is { TypeKind: TypeKind.Struct, IsRefLikeType: false, IsRecord: false }
            : existing is { TypeKind: TypeKind.Class, IsStatic: true, IsRecord: false })
        && existing.TypeParameters.Select(static parameter => parameter.Name)
            .SequenceEqual(TypeParameterNames.For(type, existing.Name, links)
                .Select(static pair => pair.Value.TrimStart('@')))
        && existing.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax() is TypeDeclarationSyntax declaration
            && declaration.Modifiers.Any(SyntaxKind.PartialKeyword)
            && HasAccessibility(declaration, CacheAccessibility.Of(type)));

    /// <summary>A part may leave out its accessibility, but must not contradict the other parts (CS0262).</summary>
    private static bool HasAccessibility(TypeDeclarationSyntax declaration, string accessibility) =>
        declaration.Modifiers.All(modifier =>
            !SyntaxFacts.IsAccessibilityModifier(modifier.Kind()) || modifier.ValueText == accessibility);
}
