using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The field that keeps a struct from being unmanaged.</summary>
/// <param name="Path">The path to it from the struct: <c>Name</c>, or <c>Customer.Name</c> through a field that is a
/// struct.</param>
/// <param name="Type">Its type.</param>
internal sealed record ManagedField(string Path, ITypeSymbol Type)
{
    /// <summary>The first such field, depth first; null when none can be seen.</summary>
    public static ManagedField? Find(INamedTypeSymbol type) =>
        Find(type, prefix: "", new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default));

    private static ManagedField? Find(INamedTypeSymbol type, string prefix, HashSet<ITypeSymbol> seen)
    {
        // A struct that contains itself is an error of its own; do not follow it for ever.
        if (!seen.Add(type))
        {
            return null;
        }

        foreach (ISymbol member in type.GetMembers().Where(static member => !member.IsStatic))
        {
            // The field behind an event without accessors is not among the members.
            ITypeSymbol? fieldType = (member as IFieldSymbol)?.Type
                ?? (member is IEventSymbol { AddMethod.IsImplicitlyDeclared: true } @event ? @event.Type : null);
            if (fieldType is null || fieldType.IsUnmanagedType)
            {
                continue;
            }

            string path = prefix + NameOf(member);
            return (fieldType is INamedTypeSymbol { TypeKind: TypeKind.Struct } inner
                ? Find(inner, path + ".", seen) : null)
                ?? new ManagedField(path, fieldType);
        }

        return null;
    }

    /// <summary>
    /// The name as the user wrote it: that of the property, or of the captured parameter (<c>&lt;name&gt;P</c>).
    /// </summary>
    private static string NameOf(ISymbol member)
    {
        if (member is IFieldSymbol { AssociatedSymbol: { } associated })
        {
            return associated.Name;
        }

        int end = member.Name.IndexOf('>');
        return member.Name.StartsWith("<", StringComparison.Ordinal) && end > 1
            ? member.Name.Substring(1, end - 1) : member.Name;
    }
}
