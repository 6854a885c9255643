using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>Conditions: which outcomes are possible, and what each says about a pointer.</summary>
internal sealed partial class PointerFlow
{
    /// <summary>
    /// Whether the condition can have the outcome. If so, records which pointers are then null, or are not.
    /// </summary>
    private bool Assume(IOperation condition, bool outcome, FlowState state)
    {
        if (condition.ConstantValue is { HasValue: true, Value: bool constant })
        {
            return constant == outcome; // only breaks leave while (true)
        }

        switch (condition)
        {
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not:
                return Assume(not.Operand, !outcome, state);

            case IPropertyReferenceOperation { Property.Name: "IsNull", Instance: { } pointer } property
                when _symbols.IsPointerMember(property.Property):
                return AssumeNull(pointer, outcome, state);

            // Neither is true for the default handle. If it is false, the handle may also be stale.
            case IPropertyReferenceOperation { Property.Name: "IsLive", Instance: { } handle } property
                when _symbols.IsPointerMember(property.Property):
                return !outcome || AssumeNull(handle, isNull: false, state);
            case IInvocationOperation { TargetMethod.Name: "TryGet", Instance: { } handle } call
                when _symbols.IsPointerMember(call.TargetMethod):
                return !outcome || AssumeNull(handle, isNull: false, state);

            case IIsNullOperation isNull:
                return AssumeNull(isNull.Operand, outcome, state);

            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals
                or BinaryOperatorKind.NotEquals } comparison:
                bool equal = outcome == (comparison.OperatorKind == BinaryOperatorKind.Equals);
                return IsNull(comparison.RightOperand) ? AssumeNull(comparison.LeftOperand, equal, state)
                    : !IsNull(comparison.LeftOperand) || AssumeNull(comparison.RightOperand, equal, state);

            default:
                return true;
        }
    }

    private bool AssumeNull(IOperation pointer, bool isNull, FlowState state)
    {
        if (_variables.Find(Unwrap(pointer)) is not (>= 0 and int variable))
        {
            return true;
        }

        int value = state.Read(variable);
        if (value == FlowState.Null)
        {
            return isNull;
        }

        if (!isNull || value == FlowState.Unknown)
        {
            return true;
        }

        // An object from Alloc is never null, nor is a new owner. Anything else is now known to be null.
        if (_origins[value - 1] is IInvocationOperation alloc && _symbols.IsAlloc(alloc.TargetMethod)
            || SlabSymbols.IsRent(_origins[value - 1]))
        {
            return false;
        }

        state.Assign(variable, FlowState.Null);
        return true;
    }

    private bool IsNull(IOperation operation) => Unwrap(operation) switch
    {
        IDefaultValueOperation => true,
        { ConstantValue: { HasValue: true, Value: null or 0 } } => true,
        IConversionOperation { Operand.ConstantValue: { HasValue: true, Value: null or 0 } } => true,
        _ => false,
    };
}
