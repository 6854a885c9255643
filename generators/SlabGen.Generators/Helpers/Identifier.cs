using System.Globalization;
using Microsoft.CodeAnalysis.CSharp;

namespace SlabGen.Generators;

/// <summary>Names as they have to be written.</summary>
internal static class Identifier
{
    /// <summary>
    /// Puts an <c>@</c> before a keyword. This includes contextual keywords, which are keywords only in some places.
    /// </summary>
    public static string Escape(string name) =>
        SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None
            || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None
            ? "@" + name
            : name;

    /// <summary>
    /// The same for a type or a type parameter that is declared. The compiler warns (CS8981) about a type whose name is
    /// all lower-case ASCII, because it may become a keyword. It does not if the name is escaped.
    /// </summary>
    public static string EscapeDeclared(string name) =>
        name.All(static c => c is >= 'a' and <= 'z') ? "@" + name : Escape(name);

    /// <summary>
    /// Removes formatting characters, such as the zero-width space. Two identifiers that differ in nothing else are the
    /// same (ECMA-334, 6.4.3), and the compiler's own symbols have none of these characters.
    /// </summary>
    public static string WithoutFormatting(string name) =>
        string.Concat(name.Where(static c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format));

    /// <summary>Whether a class can have the name as it is, without an <c>@</c>.</summary>
    public static bool IsValid(string name) =>
        SyntaxFacts.IsValidIdentifier(name) && SyntaxFacts.GetKeywordKind(name) == SyntaxKind.None;
}
