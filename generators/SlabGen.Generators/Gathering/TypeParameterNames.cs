using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>The names of the generated class's type parameters, as they are written.</summary>
internal static class TypeParameterNames
{
    /// <summary>
    /// The parameters of all containing types, outermost first, then the struct's. Each keeps its own name where that
    /// is possible. It gets a number if a containing type's parameter has the name already, or the class, a pointer
    /// beside it, or a member of these.
    /// </summary>
    public static IReadOnlyList<KeyValuePair<ITypeParameterSymbol, string>> For(INamedTypeSymbol type, string className,
        IEnumerable<LinkModel> links)
    {
        ITypeParameterSymbol[] parameters = [.. Levels(type).SelectMany(static level => level.TypeParameters)];
        HashSet<string> wanted = [.. parameters.Select(static parameter => parameter.Name)];
        HashSet<string> taken = [className, .. links.Select(static link => link.Name), .. GeneratedMembers.Names,
            .. GeneratedMembers.OfLinks, .. GeneratedMembers.Locals];
        List<KeyValuePair<ITypeParameterSymbol, string>> names = [];

        foreach (ITypeParameterSymbol parameter in parameters)
        {
            string name = parameter.Name;
            for (int i = 1; taken.Contains(name); i++)
            {
                // Do not take the name of another parameter.
                string numbered = parameter.Name + i;
                name = wanted.Contains(numbered) ? name : numbered;
            }

            taken.Add(name);
            names.Add(new(parameter, Identifier.EscapeDeclared(name)));
        }

        return names;
    }

    /// <summary>The containing types, outermost first, and the struct.</summary>
    public static IEnumerable<INamedTypeSymbol> Levels(INamedTypeSymbol type)
    {
        Stack<INamedTypeSymbol> levels = new();
        for (INamedTypeSymbol? level = type; level is not null; level = level.ContainingType)
        {
            levels.Push(level);
        }

        return levels;
    }
}
