using System.Text;
using Microsoft.CodeAnalysis;

namespace SlabGen.Generators;

/// <summary>Types as text that means the same wherever it stands: <c>global::</c> before every name, keywords escaped.</summary>
/// <param name="names">What each type parameter is called in the generated class.</param>
internal sealed class TypeRenderer(IReadOnlyList<KeyValuePair<ITypeParameterSymbol, string>> names)
{
    // Without EscapeKeywordIdentifiers: Identifier.Escape knows the contextual keywords too.
    private static readonly SymbolDisplayFormat s_format = SymbolDisplayFormat.FullyQualifiedFormat
        .WithMiscellaneousOptions(
            SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>A type in code.</summary>
    public string Render(ITypeSymbol type)
    {
        StringBuilder text = new();
        foreach (SymbolDisplayPart part in type.ToDisplayParts(s_format))
        {
            text.Append(part switch
            {
                { Kind: SymbolDisplayPartKind.Keyword } => part.ToString(),
                { Symbol: ITypeParameterSymbol parameter } => NameOf(parameter),
                { Symbol: INamespaceOrTypeSymbol } => Identifier.Escape(part.ToString()),
                _ => part.ToString(),
            });
        }

        return text.ToString();
    }

    /// <summary>A type in a cref, where type arguments stand in braces.</summary>
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
