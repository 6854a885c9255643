using System.Text;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The cache's name in slabinfo, as a C# expression: a constant, or for a generic struct <c>"Box&lt;" + typeof(T).Name + "&gt;"</c>. It holds no space,
/// since slabinfo's columns are separated by spaces.
/// </summary>
internal static class CacheNameExpression
{
    public static string Of(INamedTypeSymbol type, TypeRenderer renderer)
    {
        List<string> terms = [];
        StringBuilder literal = new();

        foreach (INamedTypeSymbol level in TypeParameterNames.Levels(type))
        {
            literal.Append(level.ContainingType is null ? "" : ".").Append(level.Name);

            string separator = "<";
            foreach (ITypeParameterSymbol parameter in level.TypeParameters)
            {
                terms.Add(Quote(literal.Append(separator)));
                terms.Add($"typeof({renderer.NameOf(parameter)}).Name");
                literal.Clear();
                separator = ",";
            }

            literal.Append(level.Arity == 0 ? "" : ">");
        }

        terms.Add(Quote(literal));
        return string.Join(" + ", terms);
    }

    // Identifiers and punctuation only: there is nothing to escape.
    private static string Quote(StringBuilder literal) => "\"" + literal + "\"";
}
