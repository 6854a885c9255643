using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0053: <c>[SlabCache(Alignment = 64)]</c>, where the struct is declared in the file that is reported.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class AlignToCacheLineFix() : SlabCodeFix("SLAB0053", "Give each object a cache line of its own")
{
    /// <summary>One field after the other would each change the one attribute.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model, CancellationToken token)
    {
        IFieldSymbol? field = (model.GetDeclaredSymbol(node, token) ?? model.GetSymbolInfo(node, token).Symbol) as IFieldSymbol;
        AttributeSyntax? attribute = field?.ContainingType.GetAttributes()
            .Where(static data => data.AttributeClass?.ToDisplayString() == "SlabGen.SlabCacheAttribute")
            .Select(data => data.ApplicationSyntaxReference?.GetSyntax(token) as AttributeSyntax)
            .FirstOrDefault(syntax => syntax?.SyntaxTree == root.SyntaxTree);
        if (attribute is null)
        {
            return null;
        }

        AttributeArgumentSyntax alignment = SyntaxFactory.AttributeArgument(SyntaxFactory.LiteralExpression(SyntaxKind.NumericLiteralExpression, SyntaxFactory.Literal(64)))
            .WithNameEquals(SyntaxFactory.NameEquals(SyntaxFactory.IdentifierName("Alignment").WithTrailingTrivia(SyntaxFactory.Space))
                .WithEqualsToken(SyntaxFactory.Token(SyntaxKind.EqualsToken).WithTrailingTrivia(SyntaxFactory.Space)));
        AttributeArgumentListSyntax list = attribute.ArgumentList ?? SyntaxFactory.AttributeArgumentList();
        AttributeArgumentSyntax? existing = list.Arguments.FirstOrDefault(static argument => argument.NameEquals?.Name.Identifier.ValueText == "Alignment");
        AttributeArgumentListSyntax changed = existing is not null
            ? list.ReplaceNode(existing, alignment.WithTriviaFrom(existing))
            : list.WithArguments(SyntaxFactory.SeparatedList(
                list.Arguments.Add(alignment),
                Enumerable.Repeat(SyntaxFactory.Token(SyntaxKind.CommaToken).WithTrailingTrivia(SyntaxFactory.Space), list.Arguments.Count)));
        return root.ReplaceNode(attribute, attribute.WithArgumentList(changed));
    }
}
