using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Recognises a class that the generator wrote by its shape, which is all that the user's project sees.
/// </summary>
internal static class GeneratedCacheClass
{
    /// <summary>
    /// Whether the generator wrote a part of the type. The generator never sees its own output; the analyzers do.
    /// </summary>
    public static bool IsGenerated(INamedTypeSymbol type) =>
        type.GetAttributes().Any(static attribute =>
            attribute.AttributeClass?.Name == "GeneratedCodeAttribute"
            && attribute.ConstructorArguments is [{ Value: "SlabGen.Generators" }, ..]);

    /// <summary>
    /// The cache class that the type is, or is nested in, as <c>OrderCache.Lease</c> is; null when there is none.
    /// </summary>
    public static INamedTypeSymbol? Containing(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.ContainingType)
        {
            if (type.IsStatic && HasCacheProperty(type) && IsGenerated(type.OriginalDefinition))
            {
                return type;
            }
        }

        return null;
    }

    /// <summary>The <c>KmemCache&lt;T&gt;</c> that the type is, or is nested in; null when there is none.</summary>
    public static INamedTypeSymbol? ContainingInstance(INamedTypeSymbol? type)
    {
        for (; type is not null; type = type.ContainingType)
        {
            if (type
                is { Name: "KmemCache", Arity: 1, ContainingType: null,
                    ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } })
            {
                return type;
            }
        }

        return null;
    }

    /// <summary>
    /// The name that messages use for the cache, of either kind, that the type is or is nested in; null when there is
    /// none.
    /// </summary>
    public static string? NameOf(INamedTypeSymbol? type) =>
        Containing(type)?.Name
            ?? ContainingInstance(type)?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat);

    private static bool HasCacheProperty(INamedTypeSymbol type)
    {
        foreach (ISymbol member in type.GetMembers("Cache"))
        {
            if (member
                is IPropertySymbol { IsStatic: true,
                    Type: { Name: "KmemCache",
                        ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } } })
            {
                return true;
            }
        }

        return false;
    }
}
