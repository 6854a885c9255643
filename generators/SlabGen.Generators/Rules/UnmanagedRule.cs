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
                // A tuple belongs to another assembly, so pass the struct's own.
                || LinkType.Find(field.Type, assembly) is not null
                || (field.Type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsRefLikeType: false } inner
                    && Holds(inner, assembly, seen)),

            // GetMembers omits an event's backing field, so detect a field-like event by its implicit accessor.
            IEventSymbol @event => @event.AddMethod is not { IsImplicitlyDeclared: true },
            _ => true,
        });
}
