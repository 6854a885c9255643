using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The pointer types that a struct gets beside its class, in its namespace.</summary>
internal static class LinkNames
{
    private const string ClassSuffix = "Cache";

    /// <summary>
    /// A pointer always; a handle if the class has handles; a small pointer if every object lies below 4 GiB.
    /// </summary>
    public static IEnumerable<LinkModel> Of(INamedTypeSymbol type, SlabCacheArguments arguments)
    {
        string stem = StemOf(type, arguments), pointer = arguments.PointerName ?? stem + "Ptr";
        yield return new(LinkKind.Pointer, pointer);
        if (arguments.IsBelow4GiB)
        {
            yield return new(LinkKind.SmallPointer, pointer + "32");
        }

        if (arguments.Handles)
        {
            yield return new(LinkKind.Handle, stem + "Handle");
        }
    }

    /// <summary>The name of the type that replaces a pointer of the runtime; null when none does.</summary>
    public static string? TwinOf(INamedTypeSymbol pointer)
    {
        LinkKind? kind =
            LinkType.IsOfRuntime(pointer, "SlabPtr") ? LinkKind.Pointer
            : LinkType.IsOfRuntime(pointer, "SlabPtr32") ? LinkKind.SmallPointer
            : LinkType.IsOfRuntime(pointer, "SlabHandle") ? LinkKind.Handle
            : null;
        return kind is not null && pointer.TypeArguments[0].OriginalDefinition is INamedTypeSymbol target
            && SlabCacheAttributeName.FindOn(target) is { } attribute
            ? Of(target, SlabCacheArguments.Of(target, attribute)).FirstOrDefault(link => link.Kind == kind)?.Name
            : null;
    }

    /// <summary>The first name that a pointer cannot have, and why; null when all are valid.</summary>
    public static (string Name, string Why)? FindInvalid(INamedTypeSymbol type, SlabCacheArguments arguments)
    {
        string className = CacheClassName.Of(type, arguments);
        HashSet<string> others = [];
        foreach (LinkModel link in Of(type, arguments))
        {
            string? why =
                !Identifier.IsValid(link.Name) ? "it is not a C# identifier"
                : GeneratedMembers.OfLinks.Contains(link.Name) ? "the generated pointer has a member of that name"
                : link.Name == className
                    || (arguments.Extensions && link.Name == ExtensionClass.NameFor(type, className))
                        ? "the generated class has that name"
                : !others.Add(link.Name) ? "another generated pointer has that name"
                : null;
            if (why is not null)
            {
                return (link.Name, why);
            }
        }

        return null;
    }

    /// <summary>The property that gives a pointer type another name, and a name to try.</summary>
    public static (string Property, string Name) Propose(INamedTypeSymbol type, LinkKind kind)
    {
        string className = CacheClassName.Propose(type);
        return kind == LinkKind.Handle
            ? ("Name", className)
            : ("PointerName", className.Substring(0, className.Length - ClassSuffix.Length) + "Ptr");
    }

    /// <summary>
    /// What comes before <c>Cache</c> in the class's name, so that another name for the class gives the pointer another
    /// name as well; otherwise the struct's name.
    /// </summary>
    private static string StemOf(INamedTypeSymbol type, SlabCacheArguments arguments) =>
        arguments.Name is { } name && name.Length > ClassSuffix.Length
            && name.EndsWith(ClassSuffix, StringComparison.Ordinal)
            ? name.Substring(0, name.Length - ClassSuffix.Length)
            : type.Name;
}
