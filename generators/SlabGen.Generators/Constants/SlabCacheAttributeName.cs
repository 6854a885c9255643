using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The attribute that asks for a cache. It is known by name, so that this assembly needs no reference to the runtime.</summary>
internal static class SlabCacheAttributeName
{
    /// <summary>The metadata name.</summary>
    public const string Full = "SlabGen.SlabCacheAttribute";

    /// <summary>The <c>[SlabCache]</c> on a struct, or null.</summary>
    public static AttributeData? FindOn(INamedTypeSymbol type)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is
                {
                    Name: "SlabCacheAttribute",
                    ContainingType: null,
                    ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true }
                })
            {
                return attribute;
            }
        }

        return null;
    }
}
