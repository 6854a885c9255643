using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>Visits the operations of a block, with one method for each kind.</summary>
internal sealed partial class PointerFlow
{
    /// <summary>Runs an operation.</summary>
    /// <returns>
    /// The value of the operation. Visiting alone does not make the object shared; the caller escapes it if it uses the
    /// value.
    /// </returns>
    private int Visit(IOperation? operation)
    {
        if (operation is null || GaveUp)
        {
            return FlowState.Unknown;
        }

        if (_depth == MaxDepth)
        {
            _patience = 0;
            return FlowState.Unknown;
        }

        _depth++;
        int result = VisitCore(operation);
        _depth--;
        return result;
    }

    private int VisitCore(IOperation operation)
    {
        switch (operation)
        {
            case ILocalReferenceOperation when _variables.FindReference(operation) is >= 0 and int reference:
                VisitReference(operation, reference);
                return FlowState.Unknown;

            case IFieldReferenceOperation when _variables.Find(operation) >= 0:
                return Read(operation);

            case IPropertyReferenceOperation property
                when SlabSymbols.IsHolder(property.Property.ContainingType)
                    || SlabSymbols.IsBuffer(property.Instance?.Type):
                return VisitPointerProperty(property);

            case ILocalReferenceOperation or IParameterReferenceOperation or IFlowCaptureReferenceOperation:
                return Read(operation);

            case IFlowCaptureOperation capture:
                VisitCapture(capture);
                return FlowState.Unknown;

            case IExpressionStatementOperation statement:
                VisitStatement(statement);
                return FlowState.Unknown;

            case ISimpleAssignmentOperation assignment:
                return VisitAssignment(assignment);

            case IInvocationOperation call:
                return VisitCall(call);

            case IPropertyReferenceOperation property when _symbols.IsPointerMember(property.Property):
                return VisitPointerProperty(property);

            case IObjectCreationOperation creation when _symbols.IsSlabPointer(creation.Type):
                return VisitPointerCreation(creation);

            case IObjectCreationOperation creation when SlabSymbols.IsRent(creation):
                foreach (IOperation child in creation.ChildOperations)
                {
                    Escape(Visit(child));
                }

                return NewObject(creation, ObjectFlags.Live | ObjectFlags.Written);

            case IIsNullOperation isNull:
                Visit(isNull.Operand); // the null check in owner?.Dispose() or in a using statement
                return FlowState.Unknown;

            case IConversionOperation { Type.SpecialType: SpecialType.System_IntPtr,
                ConstantValue: { HasValue: true, Value: 0 } }:
                return FlowState.Null;

            case IConversionOperation conversion when _symbols.CanHoldAddress(conversion.Type):
                return VisitConversion(conversion);

            case IDefaultValueOperation when IsPointer(operation.Type):
            case ILiteralOperation { ConstantValue: { HasValue: true, Value: null } }:
                return FlowState.Null;

            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals
                or BinaryOperatorKind.NotEquals } comparison:
                VisitComparison(comparison);
                return FlowState.Unknown;

            case IArgumentOperation { Parameter.RefKind: RefKind.Out } argument:
                VisitOutArgument(argument);
                return FlowState.Unknown;

            case { Kind: OperationKind.None } when DereferencedBy(operation) is { } pointer:
                VisitDereference(operation, pointer);
                return FlowState.Unknown;

            case IFlowAnonymousFunctionOperation lambda:
                VisitLambda(lambda);
                return FlowState.Unknown;

            default:
                foreach (IOperation child in operation.ChildOperations)
                {
                    Escape(Visit(child));
                }

                if (RunsOtherCode(operation))
                {
                    _state.ForgetFields();
                }

                return FlowState.Unknown;
        }
    }

    private int Read(IOperation operation) =>
        _variables.Find(operation) is >= 0 and int variable ? _state.Read(variable) : FlowState.Unknown;

    private void VisitCapture(IFlowCaptureOperation capture)
    {
        // A captured variable may be the target of a later assignment.
        _variables.SetTarget(capture.Id, _variables.Find(capture.Value));
        _state.Assign(_variables.Find(capture.Id), Visit(capture.Value));
    }

    private void VisitStatement(IExpressionStatementOperation statement)
    {
        int value = Visit(statement.Operation);
        IOperation done = Unwrap(statement.Operation);
        if (done is IInvocationOperation call && _symbols.IsAlloc(call.TargetMethod) || SlabSymbols.IsRent(done))
        {
            // A rule of its own reports this; escape it so that no leak is reported too.
            Escape(value);
        }
    }

    private int VisitAssignment(ISimpleAssignmentOperation assignment)
    {
        if (assignment.IsRef && _variables.FindReference(assignment.Target) is >= 0 and int reference)
        {
            Visit(assignment.Value);
            _state.Assign(reference, ReferredBy(assignment.Value));
            return FlowState.Unknown;
        }

        int variable = assignment.IsRef ? -1 : _variables.FindTarget(assignment.Target);
        if (variable >= 0)
        {
            int assigned = Visit(assignment.Value);
            if (variable >= FlowState.FirstField)
            {
                Escape(assigned); // other code may read the field
            }

            assigned = assigned == FlowState.Unknown
                ? NewObject(assignment.Value, ObjectFlags.Live | ObjectFlags.Shared | ObjectFlags.Written) : assigned;
            _state.Assign(variable, assigned);
            if (_variables.IsCaptured(PointerVariables.SymbolOf(assignment.Target)))
            {
                Escape(assigned);
            }

            return assigned;
        }

        Visit(assignment.Target);
        if (assignment.Target is IFieldReferenceOperation or IFlowCaptureReferenceOperation)
        {
            _state.ForgetFields(); // the write may be to another reference to this same instance
        }

        int value = Visit(assignment.Value);
        Escape(value);
        return value;
    }

    private void VisitComparison(IBinaryOperation comparison)
    {
        int left = Visit(comparison.LeftOperand), right = Visit(comparison.RightOperand);
        if (!IsNull(comparison.LeftOperand) && !IsNull(comparison.RightOperand))
        {
            Doubt(left);
            Doubt(right);
        }
    }
}
