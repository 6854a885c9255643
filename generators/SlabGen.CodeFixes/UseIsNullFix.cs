using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0202: <c>order != null</c> becomes <c>!order.IsNull</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseIsNullFix() : SlabCodeFix("SLAB0202", "Ask IsNull")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        (ExpressionSyntax? pointer, bool negated) = node switch
        {
            BinaryExpressionSyntax binary =>
                (IsNull(binary.Right) ? binary.Left : binary.Right, binary.IsKind(SyntaxKind.NotEqualsExpression)),
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access } =>
                (access.Expression, false),
            _ => (null, false),
        };

        // In a?.Pointer.Equals(null) the part before the dot is no expression of its own.
        if (pointer is null
            || pointer.DescendantNodesAndSelf()
                .Any(static inner => inner is MemberBindingExpressionSyntax or ElementBindingExpressionSyntax))
        {
            return null;
        }

        ExpressionSyntax receiver = pointer is IdentifierNameSyntax or MemberAccessExpressionSyntax
            or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax
            ? pointer.WithoutTrivia()
            : SyntaxFactory.ParenthesizedExpression(pointer.WithoutTrivia());
        ExpressionSyntax asked = SyntaxFactory.MemberAccessExpression(SyntaxKind.SimpleMemberAccessExpression, receiver,
            SyntaxFactory.IdentifierName("IsNull"));
        return root.ReplaceNode(node,
            (negated ? SyntaxFactory.PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, asked) : asked)
                .WithTriviaFrom(node));
    }

    private static bool IsNull(ExpressionSyntax expression) => expression.IsKind(SyntaxKind.NullLiteralExpression);
}
