using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Another struct that asks for the same class. The analyzer looks for it in the struct's own namespace, so that it can report while the user
/// types; the generator sees all models anyway (<see cref="NameClashes"/>).
/// </summary>
internal static class TwinStruct
{
    public static INamedTypeSymbol? Find(INamedTypeSymbol type, string className, CancellationToken token)
    {
        int arity = CacheClassName.ArityOf(type);

        foreach (INamedTypeSymbol other in StructsIn(type.ContainingNamespace))
        {
            token.ThrowIfCancellationRequested();

            if (!SymbolEqualityComparer.Default.Equals(other, type)
                && CacheClassName.ArityOf(other) == arity
                && SlabCacheAttributeName.FindOn(other) is { } attribute
                && SlabCacheArguments.Of(other, attribute) is var arguments
                && CacheClassName.Of(other, arguments) == className
                && SlabCacheTarget.IsValid(other, arguments))
            {
                return other;
            }
        }

        return null;
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
