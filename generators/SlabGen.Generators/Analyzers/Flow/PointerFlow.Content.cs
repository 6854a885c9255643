using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// What a method does with an object's content: reads before anything was written, references into it, and what the
/// method returns of it.
/// </summary>
internal sealed partial class PointerFlow
{
    /// <summary>The variable is a reference that was made earlier, to an object or into it.</summary>
    private void VisitReference(IOperation operation, int reference)
    {
        int value = _state.Read(reference);
        if (IsFreedForCertain(value) && !IsReferenceOnly(operation))
        {
            Report(UseDescriptors.UsedAfterFree, operation.Syntax, operation.Syntax.ToString(), MayBeAnothers);
            _state[value] |= ObjectFlags.Live;
        }
    }

    /// <summary>Whether the reference is only handed on, so that nothing is read or written through it here.</summary>
    private static bool IsReferenceOnly(IOperation operation) =>
        operation.Syntax.Parent is RefExpressionSyntax
        || operation.Parent
            is IArgumentOperation { Parameter.RefKind: not RefKind.None,
                Parent: IInvocationOperation { TargetMethod.ContainingType.Name: "Unsafe" or "MemoryMarshal" } };

    /// <summary>The object that a reference leads to or into.</summary>
    private int ReferredBy(IOperation operation)
    {
        while (operation is IFieldReferenceOperation { Instance: { } owner })
        {
            operation = owner;
        }

        return operation switch
        {
            ILocalReferenceOperation when _variables.FindReference(operation) is >= 0 and int reference =>
                _state.Read(reference),
            IPropertyReferenceOperation { Property: { Name: "Value" } property, Instance: { } pointer }
                when (_symbols.IsPointerMember(property) || SlabSymbols.IsHolder(property.ContainingType))
                    && !MayBeReadWhenFree(pointer) => Known(pointer),
            _ => FlowState.Unknown,
        };
    }

    /// <summary>The value of a pointer. A pointer without a number gets one.</summary>
    private int Known(IOperation pointer)
    {
        if (_variables.Find(Unwrap(pointer)) is not (>= 0 and int variable))
        {
            return FlowState.Unknown;
        }

        int value = _state.Read(variable);
        if (value == FlowState.Unknown)
        {
            value = NewObject(pointer, ObjectFlags.Live | ObjectFlags.Shared | ObjectFlags.Written);
            _state.Assign(variable, value);
        }

        return value;
    }

    /// <summary>The object to which a block returns a pointer or a reference, if the object is not free yet.</summary>
    private int ReturnedBy(BasicBlock block, IOperation value)
    {
        if (block
            is not { ConditionKind: ControlFlowConditionKind.None,
                FallThroughSuccessor: { Semantics: ControlFlowBranchSemantics.Return, FinallyRegions.IsEmpty: false } })
        {
            return FlowState.Unknown; // perhaps a condition in the finally, which is run for what is returned
        }

        _returned = value;

        int obj = value.Syntax.Parent is RefExpressionSyntax ? ReferredBy(value)
            : IsPointer(value.Type) && !_symbols.IsHandle(value.Type) && !MayBeReadWhenFree(value) ? Known(value)
            : FlowState.Unknown;
        return IsFreedForCertain(obj) ? FlowState.Unknown : obj;
    }

    private void CheckReturned(int returned)
    {
        if (IsFreedForCertain(returned) && _returned is { } value)
        {
            Report(UseDescriptors.ReturnedFreed, value.Syntax, value.Syntax.ToString());
        }
    }

    /// <summary>
    /// Whether an object that a call allocates has a content that may be read: it is cleared, prepared or constructed,
    /// or was freed by design with its content.
    /// </summary>
    private bool HasContent(IInvocationOperation alloc) =>
        alloc.TargetMethod.Name == "AllocZeroed"
        || alloc.Arguments.Length > 0
        || (GeneratedCacheClass.Containing(alloc.TargetMethod.ContainingType) is { } cache
            ? !cache.GetMembers("AllocRaw").IsEmpty || cache.GetMembers("AllocZeroed").IsEmpty
                || MayBeReadWhenFree(alloc)
            : _symbols.CreatedOf(alloc, Model) is not { IsKnown: true, HasContent: false });

    /// <summary>Reports an access that reads an object before any part of it was written.</summary>
    private void CheckWritten(IOperation access, IOperation? pointer, int value)
    {
        if (value <= FlowState.Null || (_state[value] & ObjectFlags.Written) != 0)
        {
            return;
        }

        if (_state[value] == ObjectFlags.Live && IsRead(access))
        {
            Report(UseDescriptors.ReadUnwritten, access.Syntax, Name(pointer));
        }

        _state[value] |= ObjectFlags.Written;
    }

    /// <summary>Whether the object, or a field of it, is certainly read, and not written or referred to.</summary>
    private static bool IsRead(IOperation access)
    {
        while (access.Parent is IFieldReferenceOperation { Instance: { } owner } field && owner == access)
        {
            access = field;
        }

        return access.Parent switch
        {
            ISimpleAssignmentOperation { IsRef: false } assignment =>
                assignment.Value == access && access.Syntax.Parent is not RefExpressionSyntax,
            ICompoundAssignmentOperation or IIncrementOrDecrementOperation or IBinaryOperation or IUnaryOperation =>
                true,
            IArgumentOperation { Parameter.RefKind: RefKind.None } => true,
            IConversionOperation { Parent: not IFlowCaptureOperation } => true,
            _ => false,
        };
    }

    /// <summary>Whether the operation may run unknown code, which may assign to fields.</summary>
    private static bool RunsOtherCode(IOperation operation) => operation switch
    {
        IObjectCreationOperation or IPropertyReferenceOperation or IAwaitOperation or IEventAssignmentOperation
            or IInterpolatedStringOperation => true,
        IDynamicInvocationOperation or IDynamicMemberReferenceOperation or IDynamicObjectCreationOperation
            or IDynamicIndexerAccessOperation => true,
        IBinaryOperation { OperatorMethod: not null } or IUnaryOperation { OperatorMethod: not null }
            or IConversionOperation { OperatorMethod: not null } => true,
        ICompoundAssignmentOperation { OperatorMethod: not null }
            or IIncrementOrDecrementOperation { OperatorMethod: not null } => true,
        { Kind: OperationKind.None } => true,
        _ => false,
    };
}
