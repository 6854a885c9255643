using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Another struct that asks for the same class or pointer. The analyzer looks for it in the struct's own namespace, so
/// that it can report while the user types. The generator sees all models anyway (<see cref="NameClashes"/>).
/// </summary>
internal static class TwinStruct
{
    // One walk through a namespace, not one for each of its structs. The result goes with the namespace, and so with
    // the compilation.
    private static readonly ConditionalWeakTable<INamespaceSymbol, ILookup<(string Name, int Arity),
        INamedTypeSymbol>> s_structs = new();

    public static INamedTypeSymbol? Find(INamedTypeSymbol type, string name, CancellationToken token) => s_structs
        .GetValue(type.ContainingNamespace,
            container => ByClass(container, token))[(name, CacheClassName.ArityOf(type))]
        .FirstOrDefault(other => !SymbolEqualityComparer.Default.Equals(other, type));

    /// <summary>
    /// The structs that get a class and pointers, by their names and arity. A cancelled call throws, and the next
    /// caller does it again.
    /// </summary>
    private static ILookup<(string Name, int Arity),
        INamedTypeSymbol> ByClass(INamespaceSymbol container, CancellationToken token)
    {
        List<(string Name, INamedTypeSymbol Struct)> found = [];
        foreach (INamedTypeSymbol type in StructsIn(container))
        {
            token.ThrowIfCancellationRequested();

            if (SlabCacheAttributeName.FindOn(type) is { } attribute
                && SlabCacheArguments.Of(type, attribute) is var arguments
                && SlabCacheTarget.IsValid(type, arguments))
            {
                found.Add((CacheClassName.Of(type, arguments), type));
                found.AddRange(LinkNames.Of(type, arguments).Select(link => (link.Name, type)));
            }
        }

        return found.ToLookup(static entry => (entry.Name, CacheClassName.ArityOf(entry.Struct)),
            static entry => entry.Struct);
    }

    private static IEnumerable<INamedTypeSymbol> StructsIn(INamespaceOrTypeSymbol container)
    {
        foreach (INamedTypeSymbol type in container.GetTypeMembers())
        {
            if (type.TypeKind == TypeKind.Struct)
            {
                yield return type;
            }

            foreach (INamedTypeSymbol nested in StructsIn(type))
            {
                yield return nested;
            }
        }
    }
}
