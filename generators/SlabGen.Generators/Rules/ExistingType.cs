using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.Generators;

/// <summary>What stands in the namespace already under the name of the class to generate.</summary>
internal static class ExistingType
{
    /// <summary>The user's type or namespace that the class would collide with; null when the name is free or the two would merge.</summary>
    public static INamespaceOrTypeSymbol? FindCollision(INamedTypeSymbol type, string className)
    {
        int arity = CacheClassName.ArityOf(type);

        foreach (INamespaceOrTypeSymbol member in type.ContainingNamespace.GetMembers(className))
        {
            bool collides = member switch
            {
                INamespaceSymbol => arity == 0,
                INamedTypeSymbol existing => existing.Arity == arity && !existing.IsFileLocal && !GeneratedCacheClass.IsGenerated(existing) && !Merges(existing, type),
                _ => false,
            };

            if (collides)
            {
                return member;
            }
        }

        return null;
    }

    /// <summary>What stands there under the name of the class with a struct's extension members; null when the name is free.</summary>
    public static INamespaceOrTypeSymbol? FindCollisionOfExtensions(INamedTypeSymbol type, string className) =>
        type.ContainingNamespace.GetMembers(className).FirstOrDefault(static member =>
            member is INamespaceSymbol || (member is INamedTypeSymbol { Arity: 0, IsFileLocal: false } existing && !GeneratedCacheClass.IsGenerated(existing)));

    /// <summary>Whether the user's class is a part of the generated one: users may add members of their own that way.</summary>
    private static bool Merges(INamedTypeSymbol existing, INamedTypeSymbol type) =>
        existing is { TypeKind: TypeKind.Class, IsStatic: true, IsRecord: false }
        && existing.TypeParameters.Select(static parameter => parameter.Name)
            .SequenceEqual(TypeParameterNames.For(type, existing.Name).Select(static pair => pair.Value.TrimStart('@')))
        && existing.DeclaringSyntaxReferences.All(reference =>
            reference.GetSyntax() is ClassDeclarationSyntax declaration
            && declaration.Modifiers.Any(SyntaxKind.PartialKeyword)
            && HasAccessibility(declaration, CacheAccessibility.Of(type)));

    /// <summary>A part may leave its accessibility to the others, but must not contradict them (CS0262).</summary>
    private static bool HasAccessibility(ClassDeclarationSyntax declaration, string accessibility) =>
        declaration.Modifiers.All(modifier =>
            !SyntaxFacts.IsAccessibilityModifier(modifier.Kind()) || modifier.ValueText == accessibility);
}
