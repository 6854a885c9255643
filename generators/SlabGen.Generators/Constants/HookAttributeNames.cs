using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The attributes that make a method a hook. They are known by name, as <see cref="SlabCacheAttributeName"/> is.
/// </summary>
internal static class HookAttributeNames
{
    private static readonly HookKind[] s_kinds =
        [HookKind.Constructor, HookKind.Destructor, HookKind.Init, HookKind.Fini];

    /// <summary>The kinds that a method is marked as. There may be several.</summary>
    public static IEnumerable<HookKind> KindsOf(IMethodSymbol method) =>
        s_kinds.Where(kind =>
            method.GetAttributes().Any(attribute => SlabCacheAttributeName.Is(attribute, $"Slab{kind}Attribute")));
}
