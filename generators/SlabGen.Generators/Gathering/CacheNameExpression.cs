using System.Text;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// The cache's name in slabinfo, as a C# expression: a constant, or for a generic struct <c>"Box&lt;" + typeof(T).Name + "&gt;"</c>. It holds no space,
/// since slabinfo's columns are separated by spaces, and no more characters than the runtime takes: whatever is longer is cut, and has a hash. Where it ends
/// is known of a constant, and else the runtime sees to it, as it does to letters of an identifier that cannot be seen (U+3164), of which it has the table.
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

    // Identifiers and punctuation only: there is nothing to escape.
    private static string Quote(StringBuilder literal) => "\"" + literal + "\"";
}
