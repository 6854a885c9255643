using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>The <c>[SlabCache]</c> of a struct, for the fixes that change its options.</summary>
internal static class CacheAttribute
{
    /// <summary>The attribute of the struct, if it is in the document that is being fixed.</summary>
    public static AttributeSyntax? FindIn(SyntaxNode root, INamedTypeSymbol? type, CancellationToken token) =>
        type?.GetAttributes()
        .Where(static data => data.AttributeClass?.ToDisplayString() == "SlabGen.SlabCacheAttribute")
        .Select(data => data.ApplicationSyntaxReference?.GetSyntax(token) as AttributeSyntax)
        .FirstOrDefault(syntax => syntax?.SyntaxTree == root.SyntaxTree);

    /// <summary>Sets a property. If it is set already, its value is replaced in place.</summary>
    public static AttributeSyntax Set(AttributeSyntax attribute, string property, string value)
    {
        AttributeArgumentSyntax argument = SyntaxFactory.AttributeArgument(SyntaxFactory.ParseExpression(value))
            .WithNameEquals(SyntaxFactory.NameEquals(SyntaxFactory.IdentifierName(property)
                .WithTrailingTrivia(SyntaxFactory.Space))
                .WithEqualsToken(SyntaxFactory.Token(SyntaxKind.EqualsToken).WithTrailingTrivia(SyntaxFactory.Space)));
        AttributeArgumentListSyntax list = attribute.ArgumentList ?? SyntaxFactory.AttributeArgumentList();
        AttributeArgumentSyntax? existing =
            list.Arguments.FirstOrDefault(a => a.NameEquals?.Name.Identifier.ValueText == property);
        AttributeArgumentListSyntax changed = existing is not null
            ? list.ReplaceNode(existing, argument.WithTriviaFrom(existing))
            : list.WithArguments(SyntaxFactory.SeparatedList(
                list.Arguments.Add(argument),
                Enumerable.Repeat(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space),
                    list.Arguments.Count)));
        return attribute.WithArgumentList(changed);
    }
}
