using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>Whether a struct will be unmanaged once the generated pointers among its fields exist.</summary>
internal static class UnmanagedRule
{
    public static bool IsKept(INamedTypeSymbol type) =>
        type.IsUnmanagedType
            || Holds(type, type.ContainingAssembly, new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default));

    private static bool Holds(INamedTypeSymbol type, IAssemblySymbol assembly, HashSet<ITypeSymbol> seen) =>
        !seen.Add(type) || type.GetMembers().All(member => member switch
    {
        { IsStatic: true } => true,
        IFieldSymbol field =>
            field.Type.IsUnmanagedType
            || LinkType.Find(field.Type, assembly) is not null // also in a tuple, which belongs to another assembly
            || (field.Type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsRefLikeType: false } inner
                && Holds(inner, assembly, seen)),

        // The field behind the event is not among the members.
        IEventSymbol @event => @event.AddMethod is not { IsImplicitlyDeclared: true },
        _ => true,
    });
}
