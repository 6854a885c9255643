using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Recognises generated pointer types, also before they are written: to the generator <c>LevelPtr</c> in <c>struct Order { LevelPtr Level; }</c> is a type that
/// cannot be found.
/// </summary>
/// <remarks>
/// What cannot be found is taken for a pointer if some struct of the assembly gets one of that name and arity, whatever the usings: where they
/// lack one, the compiler says so at the field, and no class that is missing adds to it.
/// </remarks>
internal static class LinkType
{
    // One walk through an assembly, not one for each field. It goes with the assembly, and so with the compilation.
    private static readonly ConditionalWeakTable<IAssemblySymbol, Dictionary<(string Name, int Arity), (LinkKind Kind, string Namespace)>> s_links = new();

    /// <summary>What a field's type stands for; null when it is no generated pointer.</summary>
    /// <param name="type">The type.</param>
    /// <param name="assembly">The assembly that the field is in.</param>
    public static LinkKind? Find(ITypeSymbol type, IAssemblySymbol? assembly)
    {
        if (type is not INamedTypeSymbol { TypeKind: TypeKind.Error or TypeKind.Struct, ContainingType: null } named)
        {
            return null;
        }

        if (named.TypeKind == TypeKind.Struct && KindOf(named) is { } written)
        {
            return written;
        }

        // One that is not found, or that has nothing but what the user adds to it.
        return (named.TypeKind == TypeKind.Error || SymbolEqualityComparer.Default.Equals(named.ContainingAssembly, assembly))
            && assembly is not null
            && s_links.GetValue(assembly, Collect).TryGetValue((named.Name, named.Arity), out (LinkKind Kind, string Namespace) link)
            && (named.TypeKind == TypeKind.Error || named.ContainingNamespace.ToDisplayString() == link.Namespace)
                ? link.Kind
                : null;
    }

    /// <summary>What a type stands for that the generator wrote; null when it is none.</summary>
    public static LinkKind? KindOf(INamedTypeSymbol type)
    {
        if (type is not { TypeKind: TypeKind.Struct, ContainingType: null, SpecialType: SpecialType.None } || !GeneratedCacheClass.IsGenerated(type.OriginalDefinition))
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

    /// <summary>Whether a type is the runtime's generic pointer of that name.</summary>
    public static bool IsOfRuntime(ITypeSymbol type, string name) =>
        type is INamedTypeSymbol { Arity: 1, ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } } && type.Name == name;

    private static Dictionary<(string Name, int Arity), (LinkKind Kind, string Namespace)> Collect(IAssemblySymbol assembly)
    {
        Dictionary<(string Name, int Arity), (LinkKind Kind, string Namespace)> links = [];
        Stack<INamespaceOrTypeSymbol> pending = new([assembly.GlobalNamespace]);
        while (pending.Count > 0)
        {
            foreach (INamespaceOrTypeSymbol member in pending.Pop().GetMembers().OfType<INamespaceOrTypeSymbol>())
            {
                pending.Push(member);
                if (member is INamedTypeSymbol { TypeKind: TypeKind.Struct } type && SlabCacheAttributeName.FindOn(type) is { } attribute)
                {
                    foreach (LinkModel link in LinkNames.Of(type, SlabCacheArguments.Of(type, attribute)))
                    {
                        links[(link.Name, CacheClassName.ArityOf(type))] = (link.Kind, type.ContainingNamespace.ToDisplayString());
                    }
                }
            }
        }

        return links;
    }
}
