using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace SlabGen.CodeFixes;

/// <summary>
/// SLAB0104: <c>var order = OrderCache.Alloc();</c> becomes <c>using OrderCache.Lease order = OrderCache.Rent();</c>.
/// </summary>
/// <remarks>
/// It is offered only where it changes nothing else. The method uses only the <c>Value</c> of the variable, and never
/// assigns the variable again. No lambda, iterator or async method uses it, because a ref struct cannot go there.
/// </remarks>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class UseLeaseFix() : SlabCodeFix("SLAB0104", "Use a lease, which is freed at the end of the scope")
{
    private protected override SyntaxNode? Fix(SyntaxNode root, SyntaxNode node, SemanticModel model,
        CancellationToken token)
    {
        if (node is not InvocationExpressionSyntax
            {
                Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Alloc" } alloc,
                ArgumentList.Arguments.Count: 0,
                Parent: EqualsValueClauseSyntax
                {
                    Parent: VariableDeclaratorSyntax
                    {
                        Parent: VariableDeclarationSyntax { Variables.Count: 1,
                            Parent: LocalDeclarationStatementSyntax { Parent: BlockSyntax block } statement }
                    } variable
                }
            } call
            || model.GetDeclaredSymbol(variable, token)
                is not ILocalSymbol { ContainingSymbol: IMethodSymbol { IsAsync: false } method } local
            || method.DeclaringSyntaxReferences.Any(reference =>
                reference.GetSyntax(token).DescendantNodes().OfType<YieldStatementSyntax>().Any())
            || !IsClass(alloc.Expression, model, token)
            // No goto may pass a using declaration.
            || block.DescendantNodes().Any(static inner => inner is LabeledStatementSyntax)
            || !block.DescendantNodes().OfType<IdentifierNameSyntax>().Where(name => IsUse(name, local, model, token))
                .All(name => IsValueOnly(name, method, model, token)))
        {
            return null;
        }

        ExpressionSyntax lease = SyntaxFactory.MemberAccessExpression(
            SyntaxKind.SimpleMemberAccessExpression, alloc.Expression.WithoutTrivia(),
            SyntaxFactory.IdentifierName("Rent"));
        LocalDeclarationStatementSyntax changed = statement
            .ReplaceNode(call, call.WithExpression(lease).WithTriviaFrom(call));
        changed = changed
            .WithDeclaration(changed.Declaration.WithType(
                SyntaxFactory.ParseTypeName(alloc.Expression.WithoutTrivia() + ".Lease")
                    .WithTrailingTrivia(SyntaxFactory.Space)))
            .WithUsingKeyword(SyntaxFactory.Token(SyntaxKind.UsingKeyword).WithTrailingTrivia(SyntaxFactory.Space))
            .WithTriviaFrom(statement);
        return root.ReplaceNode(statement, changed.WithAdditionalAnnotations(Formatter.Annotation));
    }

    /// <summary>Excludes an <c>OrderCache.Local</c> and a reservation, which have no leases.</summary>
    private static bool IsClass(ExpressionSyntax expression, SemanticModel model, CancellationToken token) =>
        expression is NameSyntax or MemberAccessExpressionSyntax
        && model.GetSymbolInfo(expression, token).Symbol
            is not (ILocalSymbol or IParameterSymbol or IFieldSymbol or IPropertySymbol);

    private static bool IsUse(IdentifierNameSyntax name, ILocalSymbol local, SemanticModel model,
        CancellationToken token) =>
        name.Identifier.ValueText == local.Name
            && SymbolEqualityComparer.Default.Equals(model.GetSymbolInfo(name, token).Symbol, local);

    private static bool IsValueOnly(IdentifierNameSyntax name, IMethodSymbol method, SemanticModel model,
        CancellationToken token) =>
        name.Parent
            is MemberAccessExpressionSyntax { RawKind: (int)SyntaxKind.SimpleMemberAccessExpression,
                Name.Identifier.ValueText: "Value" } access
        && access.Expression == name
        && SymbolEqualityComparer.Default.Equals(model.GetEnclosingSymbol(name.SpanStart, token), method);
}
