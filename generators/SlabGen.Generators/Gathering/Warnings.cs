using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>
/// The <c>[Obsolete]</c> and <c>[Experimental]</c> of a struct, its containing types and its hooks. The generated class
/// gets them all. The pointers beside it call no hook, so they get only those of the types. So the compiler warns the
/// users of these types, and not inside them.
/// </summary>
internal static class Warnings
{
    /// <summary>The class's attributes as they are written, at most one of each kind.</summary>
    public static ImmutableArray<string> Of(INamedTypeSymbol type, string className) =>
        [.. Of(type, className,
            TypeParameterNames.Levels(type).Reverse()
                .Concat<ISymbol>(SlabHook.In(type).Select(static hook => hook.Method)))];

    /// <summary>The attributes of a pointer.</summary>
    public static ImmutableArray<string> Of(INamedTypeSymbol type, LinkModel link) =>
        [.. Of(type, link.Name, TypeParameterNames.Levels(type).Reverse())];

    private static IEnumerable<string> Of(INamedTypeSymbol type, string name, IEnumerable<ISymbol> marked)
    {
        // A part that the user wrote may have the attribute already, and twice is an error.
        ISymbol[] own = [.. type.ContainingNamespace.GetTypeMembers(name, CacheClassName.ArityOf(type))
            .Where(static part => !GeneratedCacheClass.IsGenerated(part))];
        AttributeData[] attributes = [.. marked.SelectMany(static symbol => symbol.GetAttributes())];

        // Take the strictest, so that an error stays one.
        AttributeData? obsolete = attributes.Where(static data => Is(data, "System", "ObsoleteAttribute"))
            .OrderByDescending(static data => data.ConstructorArguments is [_, { Value: true }])
            .FirstOrDefault();
        AttributeData? experimental =
            attributes.FirstOrDefault(static data => Is(data, "CodeAnalysis", "ExperimentalAttribute"));

        if (obsolete is not null
            && !own.Any(static part =>
                part.GetAttributes().Any(static data => Is(data, "System", "ObsoleteAttribute"))))
        {
            yield return Write("global::System.Obsolete", obsolete);
        }

        if (experimental is not null
            && !own.Any(static part =>
                part.GetAttributes().Any(static data => Is(data, "CodeAnalysis", "ExperimentalAttribute"))))
        {
            yield return Write("global::System.Diagnostics.CodeAnalysis.Experimental", experimental);
        }
    }

    private static bool Is(AttributeData data, string space, string name) =>
        data.AttributeClass is { ContainingType: null } type && type.Name == name
            && type.ContainingNamespace.Name == space;

    private static string Write(string attribute, AttributeData data)
    {
        string[] arguments =
        [
            .. data.ConstructorArguments.Select(Write),
            .. data.NamedArguments.Select(static argument => $"{argument.Key} = {Write(argument.Value)}"),
        ];
        return $"[{attribute}{(arguments.Length == 0 ? "" : $"({string.Join(", ", arguments)})")}]";
    }

    private static string Write(TypedConstant constant) => constant.Value switch
    {
        bool flag => flag ? "true" : "false",
        string text => SymbolDisplay.FormatLiteral(text, quote: true),
        _ => "null",
    };
}
