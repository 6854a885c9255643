using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The attribute that asks for a cache. It is known by name, so that this assembly needs no reference to the runtime.
/// </summary>
internal static class SlabCacheAttributeName
{
    /// <summary>The metadata name.</summary>
    public const string Full = "SlabGen.SlabCacheAttribute";

    /// <summary>The <c>[SlabCache]</c> on a struct, or null.</summary>
    public static AttributeData? FindOn(INamedTypeSymbol type)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (Is(attribute, "SlabCacheAttribute"))
            {
                return attribute;
            }
        }

        return null;
    }

    /// <summary>Whether an attribute is the runtime's attribute of that name.</summary>
    public static bool Is(AttributeData attribute, string name) =>
        attribute.AttributeClass is
        {
            ContainingType: null,
            ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true }
        } type && type.Name == name;
}
