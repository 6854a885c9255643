using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Recognises generated pointer types, also before they are written. To the generator, <c>LevelPtr</c> in <c>struct
/// Order { LevelPtr Level; }</c> is a type that cannot be found.
/// </summary>
internal static partial class LinkType
{
    /// <summary>The pointer that a field's type replaces; null when it is no generated pointer.</summary>
    /// <param name="type">The type.</param>
    /// <param name="assembly">The assembly that the field is in.</param>
    public static LinkKind? Find(ITypeSymbol type, IAssemblySymbol? assembly)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Error or TypeKind.Struct, ContainingType: null } named)
        {
            return null;
        }

        LinkKind? kind = KindOf(named);
        if (kind is null)
        {
            FindUnwritten(named, assembly, ref kind);
        }

        return kind;
    }

    // For the generator and its analyzers. The fixes see the written types, and do without.
    static partial void FindUnwritten(INamedTypeSymbol type, IAssemblySymbol? assembly, ref LinkKind? kind);

    /// <summary>The pointer that a generated type replaces; null for other types.</summary>
    public static LinkKind? KindOf(INamedTypeSymbol type)
    {
        if (type is not { TypeKind: TypeKind.Struct, ContainingType: null, SpecialType: SpecialType.None }
            || !GeneratedCacheClass.IsGenerated(type.OriginalDefinition))
        {
            return null;
        }

        LinkKind? kind = null;
        foreach (ISymbol member in type.GetMembers(WellKnownMemberNames.ImplicitConversionName))
        {
            kind = member is not IMethodSymbol { ReturnType: { } to } ? kind
                : IsOfRuntime(to, "SlabPtr32") ? LinkKind.SmallPointer
                : IsOfRuntime(to, "SlabHandle") ? LinkKind.Handle
                : IsOfRuntime(to, "SlabPtr") ? kind ?? LinkKind.Pointer
                : kind;
        }

        return kind;
    }

    /// <summary>The struct that a generated pointer leads to.</summary>
    public static INamedTypeSymbol? TargetOf(INamedTypeSymbol link) =>
        link.GetMembers("Value").OfType<IPropertySymbol>().FirstOrDefault()?.Type as INamedTypeSymbol;

    /// <summary>Whether a type is one of the runtime's generic pointers.</summary>
    public static bool IsOfRuntime(ITypeSymbol type) =>
        IsOfRuntime(type, "SlabPtr") || IsOfRuntime(type, "SlabPtr32") || IsOfRuntime(type, "SlabHandle");

    /// <summary>Whether a type is the runtime's generic pointer of that name.</summary>
    public static bool IsOfRuntime(ITypeSymbol type, string name) =>
        type
            is INamedTypeSymbol { Arity: 1,
                ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } }
                    && type.Name == name;
}
