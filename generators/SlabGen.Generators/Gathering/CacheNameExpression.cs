using System.Text;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The cache's name in slabinfo, as a C# expression: a constant, or for a generic struct <c>"Box&lt;" + typeof(T).Name
/// + "&gt;"</c>. It has no space, because spaces separate the columns of slabinfo. It has no more characters than the
/// runtime accepts: a longer name is cut and gets a hash. The generator cuts a constant. The runtime cuts the others,
/// and replaces invisible letters of identifiers (U+3164), because it has the table of them.
/// </summary>
internal static class CacheNameExpression
{
    // What the runtime's ObjectName allows.
    private const int MaxLength = 256;

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

        if (terms.Count == 0)
        {
            string constant = Quote(Cut(literal));
            return constant.All(static c => c < 0x80) ? constant : Fit(constant);
        }

        terms.Add(Quote(literal));
        return Fit(string.Join(" + ", terms));
    }

    private static string Fit(string name) => $"{CompilerServices.GeneratedCache}.FitName({name})";

    private static StringBuilder Cut(StringBuilder name)
    {
        if (name.Length > MaxLength)
        {
            string hash = "-" + HintName.Hash(name.ToString());
            name.Length = MaxLength - hash.Length;
            name.Append(hash);
        }

        return name;
    }

    // There are only identifiers and punctuation, so there is nothing to escape.
    private static string Quote(StringBuilder literal) => "\"" + literal + "\"";
}
