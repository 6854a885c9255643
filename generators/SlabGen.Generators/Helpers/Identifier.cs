using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>Names as they have to be written.</summary>
internal static class Identifier
{
    /// <summary>Puts an <c>@</c> before a keyword, also one that is a keyword only in some places: there it would be one.</summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    /// <summary>
    /// The same for a type or a type parameter that is declared. The compiler warns (CS8981) of a type whose name is all lower-case ASCII,
    /// since it may become a keyword, and not if the name is escaped.
    /// </summary>
    public static string EscapeDeclared(string name) =>
        name.All(static c => c is >= 'a' and <= 'z') ? "@" + name : Escape(name);

    /// <summary>
    /// Without the formatting characters, such as the zero-width space: two identifiers that differ in nothing else are one (ECMA-334, 6.4.3), and the
    /// compiler's own symbols have none of them.
    /// </summary>
    public static string WithoutFormatting(string name) =>
        string.Concat(name.Where(static c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format));

    /// <summary>Whether a class can have the name, as it stands and without an <c>@</c>.</summary>
    public static bool IsValid(string name) =>
        SyntaxFacts.IsValidIdentifier(name) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None;
}
