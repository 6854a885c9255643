using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// A private method of the same file that returns a new object, frees a parameter, or only throws. A call to it is
/// treated as that operation. No iterator or async method is one: its body may run after the call.
/// </summary>
/// <param name="Cache">The generated class whose new object every return of the method returns; null when there is no
/// such class.</param>
/// <param name="Freed">The parameter whose object the method frees on every path; null when there is none.</param>
/// <param name="Throws">Whether the method never returns.</param>
internal readonly record struct HelperMethod(INamedTypeSymbol? Cache, IParameterSymbol? Freed, bool Throws)
{
    public bool Frees(IParameterSymbol parameter) =>
        Freed is not null && SymbolEqualityComparer.Default.Equals(Freed, parameter.OriginalDefinition);

    public static HelperMethod Of(IOperation body, SlabSymbols symbols)
    {
        if (body is not IMethodBodyOperation { BlockBody: var block, ExpressionBody: var expression }
            || (block ?? expression) is not { } statements
            || statements.Descendants().Any(static operation =>
                operation.Kind is OperationKind.YieldReturn or OperationKind.YieldBreak))
        {
            return default;
        }

        return new HelperMethod(CacheOf(statements, symbols), FreedBy(statements, symbols),
            statements.Operations is [{ } only] && IsThrow(only));
    }

    private static bool IsThrow(IOperation statement) => statement switch
    {
        IThrowOperation => true,
        IExpressionStatementOperation { Operation: IThrowOperation
            or IConversionOperation { Operand: IThrowOperation } } => true,
        IReturnOperation { ReturnedValue: IThrowOperation or IConversionOperation { Operand: IThrowOperation } } =>
            true,
        _ => false,
    };

    private static INamedTypeSymbol? CacheOf(IBlockOperation body, SlabSymbols symbols)
    {
        // What a nested function returns is not what the method returns, and it may keep a local.
        if (body.Descendants().Any(static operation =>
            operation is IAnonymousFunctionOperation or ILocalFunctionOperation))
        {
            return null;
        }

        INamedTypeSymbol? cache = null;
        foreach (IReturnOperation returned in body.Descendants().OfType<IReturnOperation>())
        {
            IInvocationOperation? alloc = returned.ReturnedValue switch
            {
                IInvocationOperation call => call,
                ILocalReferenceOperation { Local: var local } => OnlyValueOf(local, body, symbols),
                _ => null,
            };

            if (alloc is null || !symbols.IsAlloc(alloc.TargetMethod) || SlabSymbols.CacheOf(alloc) is not { } owner
                || (cache is not null && !SymbolEqualityComparer.Default.Equals(cache, owner)))
            {
                return null;
            }

            cache = owner;
        }

        return cache;
    }

    /// <summary>
    /// The call that initializes the local. Null if the local is used for anything but <c>Value</c>, <c>IsNull</c>, a
    /// <c>return</c> or a <c>Free</c>.
    /// </summary>
    private static IInvocationOperation? OnlyValueOf(ILocalSymbol local, IBlockOperation body, SlabSymbols symbols)
    {
        IInvocationOperation? value = null;
        foreach (IOperation operation in body.Descendants())
        {
            if (operation is IVariableDeclaratorOperation declarator
                && SymbolEqualityComparer.Default.Equals(declarator.Symbol, local))
            {
                value = declarator.GetVariableInitializer()?.Value as IInvocationOperation;
            }
            else if (operation is ILocalReferenceOperation reference
                && SymbolEqualityComparer.Default.Equals(reference.Local, local)
                && reference.Parent
                    is not (IReturnOperation or IPropertyReferenceOperation { Property.Name: "Value" or "IsNull" })
                && !(reference.Parent is IArgumentOperation { Parent: IInvocationOperation call }
                    && symbols.IsFree(call.TargetMethod)))
            {
                return null;
            }
        }

        return value;
    }

    /// <summary>
    /// The parameter freed by a top-level statement, if the method cannot exit before that statement.
    /// </summary>
    private static IParameterSymbol? FreedBy(IBlockOperation body, SlabSymbols symbols)
    {
        foreach (IOperation statement in body.Operations)
        {
            IOperation? done = statement switch
            {
                IExpressionStatementOperation expression => expression.Operation,
                IReturnOperation { ReturnedValue: { } returned } => returned,
                _ => null,
            };

            if (done is IInvocationOperation { Arguments: [{ Value: IParameterReferenceOperation argument }] } call
                && argument.Parameter is { RefKind: RefKind.None } parameter && symbols.IsFree(call.TargetMethod))
            {
                return IsAssigned(parameter, body) ? null : parameter;
            }

            if (statement.DescendantsAndSelf()
                .Any(static operation =>
                    operation is IReturnOperation or IThrowOperation or IBranchOperation { BranchKind: BranchKind.GoTo }
                        or ILocalFunctionOperation))
            {
                return null;
            }
        }

        return null;
    }

    private static bool IsAssigned(IParameterSymbol parameter, IBlockOperation body) =>
        body.Descendants().Any(operation =>
            operation is IParameterReferenceOperation reference
            && SymbolEqualityComparer.Default.Equals(reference.Parameter, parameter)
            && (reference.Parent is IAssignmentOperation assignment && assignment.Target == reference
                || reference.Parent is IArgumentOperation { Parameter.RefKind: not RefKind.None }
                || reference.Parent is IAddressOfOperation or IIncrementOrDecrementOperation));
}
