using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace SlabGen.CodeFixes;

/// <summary>SLAB0101: removes the second <c>Free</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class RemoveSecondFreeFix() : SlabCodeFix("SLAB0101", "Remove the second Free")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token) =>
        // Only in a block. A statement that is the whole body of an if or a loop must not be removed.
        node.Parent
            is ExpressionStatementSyntax { Parent: BlockSyntax or SwitchSectionSyntax { Statements.Count: > 1 }
                or GlobalStatementSyntax } statement
            ? root.RemoveNode(statement.Parent is GlobalStatementSyntax global ? global : statement,
                SyntaxRemoveOptions.KeepUnbalancedDirectives)
            : null;
}
