using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>Lambdas: which ones there are, and what they do to the objects that they capture.</summary>
internal sealed partial class PointerFlow
{
    private static IEnumerable<IFlowAnonymousFunctionOperation> LambdasOf(ControlFlowGraph graph) => graph.Blocks
        .SelectMany(static block =>
            block.BranchValue is null ? block.Operations : block.Operations.Add(block.BranchValue))
        .SelectMany(static operation => operation.DescendantsAndSelf())
        .OfType<IFlowAnonymousFunctionOperation>();

    /// <summary>A lambda may do anything with what it captures, at any time.</summary>
    private void VisitLambda(IFlowAnonymousFunctionOperation lambda)
    {
        bool outlives = Outlives(lambda);
        foreach (ISymbol captured in _variables.CapturedBy(lambda.Symbol))
        {
            int value = _variables.Find(captured) is >= 0 and int variable ? _state.Read(variable) : FlowState.Unknown;
            Escape(value);
            if (outlives && value > FlowState.Null && !IsHandle(captured))
            {
                _state[value] |= ObjectFlags.Captured;
                _capturedIn[value] = (lambda.Syntax, captured);
            }
        }
    }

    /// <summary>Whether the variable is a handle. Capturing one is harmless: a stale handle can be detected.</summary>
    private bool IsHandle(ISymbol variable) =>
        _symbols.IsHandle((variable as ILocalSymbol)?.Type ?? (variable as IParameterSymbol)?.Type);

    /// <summary>
    /// Whether the lambda is returned or stored in a member, so that it can run after the method has ended.
    /// </summary>
    private static bool Outlives(IOperation lambda)
    {
        IOperation operation = lambda;
        while (operation.Parent is IDelegateCreationOperation or IConversionOperation)
        {
            operation = operation.Parent;
        }

        return operation.Parent switch
        {
            ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member: IFieldSymbol
                or IPropertySymbol } } assignment => assignment.Value == operation,
            IEventAssignmentOperation => true,
            null =>
                operation.Syntax.FirstAncestorOrSelf<StatementSyntax>()
                    is ReturnStatementSyntax { Expression: { } returned }
                        && returned.Span.Contains(operation.Syntax.Span),
            _ => false,
        };
    }
}
