using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>Whether a struct is unmanaged once the generated pointers among its fields are there.</summary>
internal static class UnmanagedRule
{
    public static bool IsKept(INamedTypeSymbol type) => type.IsUnmanagedType || Holds(type, new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default));

    private static bool Holds(INamedTypeSymbol type, HashSet<ITypeSymbol> seen) =>
        !seen.Add(type) || type.GetMembers().OfType<IFieldSymbol>().All(field =>
            field.IsStatic || field.Type.IsUnmanagedType || LinkType.Find(field.Type, field.ContainingAssembly) is not null
            || (field.Type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsRefLikeType: false } inner && Holds(inner, seen)));
}
