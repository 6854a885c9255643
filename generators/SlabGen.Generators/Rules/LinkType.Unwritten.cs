using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <remarks>
/// A type that cannot be found counts as a pointer if some struct of the assembly gets a pointer of that name and
/// arity, whatever the usings are. If a using is missing, the compiler reports it at the field, and no missing class
/// adds a second error.
/// </remarks>
internal static partial class LinkType
{
    // One walk through an assembly, not one for each field. The result goes with the assembly, and so with the
    // compilation.
    private static readonly ConditionalWeakTable<IAssemblySymbol, Dictionary<(string Name, int Arity),
        (LinkKind Kind, string Namespace)>> s_links = new();

    static partial void FindUnwritten(INamedTypeSymbol type, IAssemblySymbol? assembly, ref LinkKind? kind)
    {
        // A type that is not found, or that has only the members that the user adds to it.
        bool isError = type.TypeKind == TypeKind.Error;
        if (assembly is not null
            && (isError
                || (SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, assembly)
                    && type.GetMembers().All(static member => member is not IFieldSymbol { IsStatic: false })))
            && s_links.GetValue(assembly, Collect)
                .TryGetValue((type.Name, type.Arity), out (LinkKind Kind, string Namespace) link)
            && (isError || type.ContainingNamespace.ToDisplayString() == link.Namespace))
        {
            kind = link.Kind;
        }
    }

    private static Dictionary<(string Name, int Arity),
        (LinkKind Kind, string Namespace)> Collect(IAssemblySymbol assembly)
    {
        Dictionary<(string Name, int Arity), (LinkKind Kind, string Namespace)> links = [];
        Stack<INamespaceOrTypeSymbol> pending = new([assembly.GlobalNamespace]);
        while (pending.Count > 0)
        {
            foreach (INamespaceOrTypeSymbol member in pending.Pop().GetMembers().OfType<INamespaceOrTypeSymbol>())
            {
                pending.Push(member);
                if (member is INamedTypeSymbol { TypeKind: TypeKind.Struct } type
                    && SlabCacheAttributeName.FindOn(type) is { } attribute)
                {
                    foreach (LinkModel link in LinkNames.Of(type, SlabCacheArguments.Of(type, attribute)))
                    {
                        links[(link.Name, CacheClassName.ArityOf(type))] =
                            (link.Kind, type.ContainingNamespace.ToDisplayString());
                    }
                }
            }
        }

        return links;
    }
}
