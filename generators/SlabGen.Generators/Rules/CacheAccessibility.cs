using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The accessibility of the generated class. It is in the struct's namespace, and is as visible there as the struct.
/// </summary>
internal static class CacheAccessibility
{
    /// <summary>
    /// <c>public</c> or <c>internal</c>, for a struct without a <see cref="FindBarrier">barrier</see>.
    /// </summary>
    public static string Of(INamedTypeSymbol type) =>
        TypeParameterNames.Levels(type).All(static level => level.DeclaredAccessibility == Accessibility.Public)
            ? "public" : "internal";

    /// <summary>
    /// The struct, or a type that contains it, that a class in the namespace cannot see; null when it sees them all.
    /// </summary>
    public static INamedTypeSymbol? FindBarrier(INamedTypeSymbol type) =>
        TypeParameterNames.Levels(type).FirstOrDefault(static level =>
            level.IsFileLocal
            || level.DeclaredAccessibility
                is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal));
}
