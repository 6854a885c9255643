using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// What is known about a cache that is an instance. It is known only if a local or a readonly field holds it from its
/// creation on. Two such variables certainly are two caches. A cache from elsewhere, for example injected, may be any
/// cache, with any options.
/// </summary>
/// <param name="IsKnown">Whether the variable's own initial value creates the cache.</param>
/// <param name="HasContent">Whether its new objects may have a content that may be read: cleared memory, or the content
/// of an object that was freed by design.</param>
internal readonly record struct CreatedCache(bool IsKnown, bool HasContent)
{
    public static CreatedCache Of(ISymbol variable, SemanticModel model) =>
        ValueOf(variable, model.SyntaxTree) is not { } value ? default : OperationOf(value, model) switch
    {
        // The other constructor gives an existing cache a type.
        IObjectCreationOperation { Constructor.Parameters: [{ Type.Name: "SlabRuntime" }, ..] } creation
            when GeneratedCacheClass.ContainingInstance(creation.Type as INamedTypeSymbol) is not null =>
            new CreatedCache(true,
                HasContentBy(creation.Arguments.FirstOrDefault(static argument =>
                    argument.Parameter?.Name == "options"))),
        IInvocationOperation { TargetMethod: { Name: "CreateCache",
            ContainingType: { Name: "SlabRuntime",
                ContainingNamespace: { Name: "SlabGen", ContainingNamespace.IsGlobalNamespace: true } } } } =>
            new CreatedCache(true, true),
        _ => default,
    };

    private static bool HasContentBy(IArgumentOperation? options)
    {
        IOperation? value = options?.Value;
        while (value is IConversionOperation conversion)
        {
            value = conversion.Operand;
        }

        return value switch
        {
            null or IDefaultValueOperation or { ConstantValue: { HasValue: true, Value: null } } => false,
            IObjectCreationOperation { Arguments: [], Initializer: var initializer } =>
                initializer?.Initializers.Any(static member => member is not ISimpleAssignmentOperation
                {
                    Target: IPropertyReferenceOperation { Property.Name: not ("Zeroing" or "TypeSafeByRcu") },
                }) == true,
            _ => true,
        };
    }

    private static IOperation? OperationOf(ExpressionSyntax value, SemanticModel model)
    {
        IOperation? operation = model.GetOperation(value);
        while (operation is IConversionOperation conversion)
        {
            operation = conversion.Operand;
        }

        return operation;
    }

    /// <summary>The only value that the variable ever has; null when that is not certain.</summary>
    private static ExpressionSyntax? ValueOf(ISymbol variable, SyntaxTree tree)
    {
        if (variable is not { DeclaringSyntaxReferences: [{ } reference] }
            || reference.GetSyntax() is not VariableDeclaratorSyntax declarator)
        {
            return null;
        }

        IEnumerable<SyntaxNode>? scopes = variable switch
        {
            ILocalSymbol { RefKind: RefKind.None } =>
                [declarator.FirstAncestorOrSelf<MemberDeclarationSyntax>(static member =>
                    member is not GlobalStatementSyntax) ?? tree.GetRoot()],
            IFieldSymbol { IsReadOnly: true } field =>
                field.ContainingType.DeclaringSyntaxReferences.Select(static part => part.GetSyntax()),
            _ => null,
        };

        if (scopes is null)
        {
            return null;
        }

        ExpressionSyntax? value = declarator.Initializer?.Value;
        int values = value is null ? 0 : 1;
        foreach (SyntaxNode scope in scopes)
        {
            if (scope.SyntaxTree != tree)
            {
                return null;
            }

            foreach (SyntaxNode node in scope.DescendantNodes())
            {
                switch (node)
                {
                    case AssignmentExpressionSyntax assignment when Names(assignment.Left, variable):
                        value = assignment.IsKind(SyntaxKind.SimpleAssignmentExpression) ? assignment.Right : null;
                        values++;
                        break;
                    case ArgumentSyntax argument
                        when !argument.RefKindKeyword.IsKind(SyntaxKind.None) && Names(argument.Expression, variable):
                    case RefExpressionSyntax made when Names(made.Expression, variable):
                    case TupleExpressionSyntax { Parent: AssignmentExpressionSyntax } tuple
                        when tuple.Arguments.Any(part => Names(part.Expression, variable)):
                        values = 2;
                        break;
                }
            }
        }

        return values == 1 && value?.SyntaxTree == tree ? value : null;
    }

    private static bool Names(ExpressionSyntax expression, ISymbol variable) => expression switch
    {
        IdentifierNameSyntax name => name.Identifier.ValueText == variable.Name,
        // Of any instance: this may be the same one.
        MemberAccessExpressionSyntax { Name: { } name } => name.Identifier.ValueText == variable.Name,
        _ => false,
    };
}
