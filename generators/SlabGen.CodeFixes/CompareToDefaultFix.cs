using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0110: replaces <c>null</c> with <c>default</c> in a comparison with a handle.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class CompareToDefaultFix() : SlabCodeFix("SLAB0110", "Compare to default")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        ExpressionSyntax? compared = node switch
        {
            BinaryExpressionSyntax binary => IsNull(binary.Right) ? binary.Right : binary.Left,
            InvocationExpressionSyntax { ArgumentList.Arguments: [{ Expression: { } argument }] } => argument,
            _ => null,
        };

        return compared is not null && IsNull(compared)
            ? root.ReplaceNode(compared,
                SyntaxFactory.LiteralExpression(SyntaxKind.DefaultLiteralExpression).WithTriviaFrom(compared))
            : null;
    }

    private static bool IsNull(ExpressionSyntax expression) => expression.IsKind(SyntaxKind.NullLiteralExpression);
}
