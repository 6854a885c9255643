using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The name of the generated class.</summary>
internal static class CacheClassName
{
    public static string Of(INamedTypeSymbol type, SlabCacheArguments arguments) =>
        arguments.Name ?? type.Name + "Cache";

    /// <summary>Why a class cannot have the name; null when it can.</summary>
    public static string? WhyInvalid(string name) =>
        !Identifier.IsValid(name) ? "it is not a C# identifier"
        : GeneratedMembers.Names.Contains(name) ? "the generated class has a member of that name"
        : null;

    /// <summary>
    /// Another name to try: with the containing types' names before it or, if there are none, with <c>Slab</c> in it.
    /// </summary>
    public static string Propose(INamedTypeSymbol type)
    {
        string name = type.Name;
        for (INamedTypeSymbol? outer = type.ContainingType; outer is not null; outer = outer.ContainingType)
        {
            name = outer.Name + name;
        }

        return name + (type.ContainingType is null ? "SlabCache" : "Cache");
    }

    /// <summary>The class's type parameters: those of all containing types and the struct's own.</summary>
    public static int ArityOf(INamedTypeSymbol type)
    {
        int arity = 0;
        for (INamedTypeSymbol? level = type; level is not null; level = level.ContainingType)
        {
            arity += level.Arity;
        }

        return arity;
    }
}
