using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>
/// Renders types as text that means the same everywhere: <c>global::</c> before every name, keywords escaped.
/// </summary>
/// <param name="names">The name of each type parameter in the generated class.</param>
/// <param name="compilation">Knows the aliases of references, which replace <c>global</c>.</param>
internal sealed class TypeRenderer(IReadOnlyList<KeyValuePair<ITypeParameterSymbol, string>> names,
    Compilation compilation)
{
    // Without EscapeKeywordIdentifiers: Identifier.Escape knows the contextual keywords too.
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.FullyQualifiedFormat
        .WithMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>The aliases that were used.</summary>
    public SortedSet<string> Aliases { get; } = new(StringComparer.Ordinal);

    /// <summary>A type in code.</summary>
    public string Render(ITypeSymbol type)
    {
        StringBuilder text = new();
        ImmutableArray<SymbolDisplayPart> parts = type.ToDisplayParts(s_format);
        for (int i = 0; i < parts.Length; i++)
        {
            SymbolDisplayPart part = parts[i];
            text.Append(part switch
            {
                { Kind: SymbolDisplayPartKind.Keyword } when part.ToString() == "global" => AliasOf(parts, i),
                { Kind: SymbolDisplayPartKind.Keyword } => part.ToString(),
                { Symbol: ITypeParameterSymbol parameter } => NameOf(parameter),
                { Symbol: INamespaceOrTypeSymbol } => Identifier.Escape(part.ToString()),
                _ => part.ToString(),
            });
        }

        return text.ToString();
    }

    /// <summary>What replaces <c>global</c> for the type whose name comes next.</summary>
    private string AliasOf(ImmutableArray<SymbolDisplayPart> parts, int i)
    {
        ISymbol? named = parts.Skip(i).Select(static part => part.Symbol)
            .FirstOrDefault(static symbol => symbol is INamedTypeSymbol);
        if (ReferenceAlias.Of(named?.ContainingAssembly, compilation) is not { } alias)
        {
            return "global";
        }

        Aliases.Add(alias);
        return alias;
    }

    /// <summary>A type in a cref, where braces enclose type arguments.</summary>
    public string RenderCref(ITypeSymbol type) => Render(type).Replace('<', '{').Replace('>', '}');

    /// <summary>A type parameter's name in the generated class.</summary>
    public string NameOf(ITypeParameterSymbol parameter)
    {
        foreach (KeyValuePair<ITypeParameterSymbol, string> name in names)
        {
            if (SymbolEqualityComparer.Default.Equals(name.Key, parameter))
            {
                return name.Value;
            }
        }

        return Identifier.Escape(parameter.Name);
    }
}
