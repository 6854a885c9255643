using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0201: the loop becomes <c>OrderCache.AllocBulk(orders);</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseBulkFix() : SlabCodeFix("SLAB0201", "Call it once for all elements")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        if (node is not InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax method }
            || node.FirstAncestorOrSelf<StatementSyntax>(IsLoop) is not { } loop)
        {
            return null;
        }

        // The analyzer has checked that the loop covers the whole collection.
        ExpressionSyntax? collection = loop switch
        {
            ForEachStatementSyntax each => each.Expression,
            ForStatementSyntax { Condition: BinaryExpressionSyntax { Right: MemberAccessExpressionSyntax length } } =>
                length.Expression,
            _ => null,
        };

        if (collection is null)
        {
            return null;
        }

        MemberAccessExpressionSyntax bulk =
            method.WithName(SyntaxFactory.IdentifierName(method.Name.Identifier.ValueText + "Bulk"));
        ArgumentListSyntax arguments =
            SyntaxFactory.ArgumentList(
                SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Argument(collection.WithoutTrivia())));
        return root.ReplaceNode(
            loop,
            SyntaxFactory.ExpressionStatement(SyntaxFactory.InvocationExpression(bulk.WithoutTrivia(), arguments))
                .WithTriviaFrom(loop));
    }

    private static bool IsLoop(StatementSyntax statement) => statement is ForEachStatementSyntax or ForStatementSyntax;
}
