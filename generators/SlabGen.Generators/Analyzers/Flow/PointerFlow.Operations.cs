using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

internal sealed partial class PointerFlow
{
    /// <summary>How deep an expression may be nested before the method is given up: the stack is the compiler's.</summary>
    private const int MaxDepth = 400;

    // What is known at the operation that is visited.
    private FlowState _state = new();
    private int _depth;

    /// <summary>Runs an operation.</summary>
    /// <returns>The value that it gives; an object that nothing does anything with is not shared by that.</returns>
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

            case IPropertyReferenceOperation property when SlabSymbols.IsHolder(property.Property.ContainingType):
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

            case IObjectCreationOperation creation when SlabSymbols.IsOwner(creation.Type):
                foreach (IOperation child in creation.ChildOperations)
                {
                    Escape(Visit(child));
                }

                return NewObject(creation, ObjectFlags.Live | ObjectFlags.Written);

            case IIsNullOperation isNull:
                Visit(isNull.Operand); // owner?.Dispose(), and the using statement's own
                return FlowState.Unknown;

            case IConversionOperation conversion when _symbols.CanHoldAddress(conversion.Type):
                return VisitConversion(conversion);

            case IDefaultValueOperation when IsPointer(operation.Type):
            case ILiteralOperation { ConstantValue: { HasValue: true, Value: null } }:
                return FlowState.Null;

            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison:
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

    private int Read(IOperation operation) => _variables.Find(operation) is >= 0 and int variable ? _state.Read(variable) : FlowState.Unknown;

    private void VisitCapture(IFlowCaptureOperation capture)
    {
        // Of a variable it may be the target of an assignment to come.
        _variables.SetTarget(capture.Id, _variables.Find(capture.Value));
        _state.Assign(_variables.Find(capture.Id), Visit(capture.Value));
    }

    private void VisitStatement(IExpressionStatementOperation statement)
    {
        int value = Visit(statement.Operation);
        IOperation done = Unwrap(statement.Operation);
        if (done is IInvocationOperation call && _symbols.IsAlloc(call.TargetMethod) || SlabSymbols.IsRent(done))
        {
            // A rule of its own: nothing more is to be said of it.
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
                Escape(assigned); // others may read the field
            }

            assigned = assigned == FlowState.Unknown ? NewObject(assignment.Value, ObjectFlags.Live | ObjectFlags.Shared | ObjectFlags.Written) : assigned;
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
            _state.ForgetFields(); // of another instance, which may be this one
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

    private int VisitCall(IInvocationOperation call)
    {
        if (_symbols.IsFree(call.TargetMethod) && call.Arguments is [{ Value: { } freed }])
        {
            Visit(call.Instance);
            VisitFree(call, freed);
            return FlowState.Unknown;
        }

        if (SlabSymbols.DisposedBy(call) is { } holder)
        {
            VisitDispose(call, holder);
            return FlowState.Unknown;
        }

        if (_symbols.IsReset(call.TargetMethod))
        {
            VisitReset(call);
        }

        HelperMethod helper = HelperOf(call);

        bool isPointers = _symbols.IsPointerMember(call.TargetMethod), givesSpan = isPointers && call.TargetMethod.ReturnType.IsRefLikeType;
        bool keepsNothing = isPointers && !givesSpan && !call.Arguments.Any(static argument => argument.Parameter?.RefKind == RefKind.Out);
        int instance = Visit(call.Instance);
        if (givesSpan && instance != FlowState.Null)
        {
            CheckUse(call, call.Instance, instance); // of null it is empty
        }

        if (call.Arguments.Length > 0)
        {
            // Equals: the pointer is compared.
            Doubt(instance);
        }

        if (!keepsNothing)
        {
            Escape(instance);
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter is { } parameter && helper.Frees(parameter))
            {
                VisitFree(call, argument.Value);
            }
            else if (argument.Parameter?.RefKind != RefKind.Out)
            {
                int value = Visit(argument.Value);
                Doubt(value);
                if (!keepsNothing)
                {
                    Escape(value);
                }
            }
        }

        if (!isPointers)
        {
            _state.ForgetFields();
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.RefKind == RefKind.Out)
            {
                VisitOutArgument(argument);
            }
        }

        _ended |= NeverReturns(call);
        return _symbols.IsAlloc(call.TargetMethod) ? NewObject(call, HasContent(call) ? ObjectFlags.Live | ObjectFlags.Written : ObjectFlags.Live)
            : SlabSymbols.IsRent(call) || helper.Cache is not null ? NewObject(call, ObjectFlags.Live | ObjectFlags.Written)
            : FlowState.Unknown;
    }

    private void VisitOutArgument(IArgumentOperation argument)
    {
        IOperation target = argument.Value is IDeclarationExpressionOperation declaration ? declaration.Expression : argument.Value; // out var p
        if (_variables.FindTarget(target) is >= 0 and int variable)
        {
            _state.Assign(variable, NewObject(argument, ObjectFlags.Live | ObjectFlags.Shared | ObjectFlags.Written));
        }
        else
        {
            Visit(argument.Value);
        }
    }

    private int VisitPointerProperty(IPropertyReferenceOperation property)
    {
        int value = Visit(property.Instance);
        switch (property.Property.Name)
        {
            case "Value":
                CheckUse(property, property.Instance, value);
                CheckWritten(property, property.Instance, value);
                if (MayKeepReference(property))
                {
                    Escape(value);
                }

                return FlowState.Unknown;

            case "Address":
            case "Pointer":
                return value;

            case "IsLive":
                Doubt(value); // the program asks whether it was freed
                return FlowState.Unknown;

            default:
                return FlowState.Unknown;
        }
    }

    private int VisitPointerCreation(IObjectCreationOperation creation)
    {
        switch (creation.Arguments)
        {
            case []:
            case [{ Value.ConstantValue: { HasValue: true, Value: 0 } }]:
                return FlowState.Null;
            case [{ Value: { } address }] when creation.Initializer is null:
                return Visit(Unwrap(address));
            default:
                return FlowState.Unknown;
        }
    }

    /// <summary>The address stays the same in another type; what it becomes as a number or an object is not followed.</summary>
    private int VisitConversion(IConversionOperation conversion)
    {
        int value = Visit(conversion.Operand);
        if (_symbols.CanHoldAddress(conversion.Operand.Type) || value == FlowState.Null)
        {
            return value;
        }

        Escape(value);
        return FlowState.Unknown;
    }

    private void VisitDereference(IOperation operation, IOperation pointer)
    {
        int value = Visit(pointer);
        CheckUse(operation, pointer, value);
        CheckWritten(operation, pointer, value);
        foreach (IOperation child in operation.ChildOperations)
        {
            if (child != pointer)
            {
                Escape(Visit(child));
            }
        }
    }

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

    /// <summary>A lambda may well hold a stale handle, and find that it is.</summary>
    private bool IsHandle(ISymbol variable) => _symbols.IsHandle((variable as ILocalSymbol)?.Type ?? (variable as IParameterSymbol)?.Type);

    /// <summary>Whether the lambda is returned or stored in a member, and so can run when the method is over.</summary>
    private static bool Outlives(IOperation lambda)
    {
        IOperation operation = lambda;
        while (operation.Parent is IDelegateCreationOperation or IConversionOperation)
        {
            operation = operation.Parent;
        }

        return operation.Parent switch
        {
            ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member: IFieldSymbol or IPropertySymbol } } assignment => assignment.Value == operation,
            IEventAssignmentOperation => true,
            null => operation.Syntax.FirstAncestorOrSelf<StatementSyntax>() is ReturnStatementSyntax { Expression: { } returned } && returned.Span.Contains(operation.Syntax.Span),
            _ => false,
        };
    }

    /// <summary>Whether a reference to the object is made that may be turned into its address again.</summary>
    private static bool MayKeepReference(IOperation value)
    {
        // &order.Value.Id is the object's address as well.
        while (value.Parent is IFieldReferenceOperation { Instance: { } owner } field && owner == value)
        {
            value = field;
        }

        return value.Syntax.Parent is RefExpressionSyntax or PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.AddressOfExpression }
        || value.Parent is IAddressOfOperation or ISimpleAssignmentOperation { IsRef: true }
        || value.Parent is IArgumentOperation
        {
            Parameter.RefKind: not RefKind.None,
            Parent: IInvocationOperation { TargetMethod: { ContainingType.Name: "Unsafe" or "MemoryMarshal" } or { ReturnsByRef: true } or { ReturnType.IsRefLikeType: true } }
        };
    }

    /// <summary>The pointer in <c>*pointer</c>, <c>pointer->Field</c> or <c>pointer[i]</c>, which Roslyn has no public operation for; else null.</summary>
    private static IOperation? DereferencedBy(IOperation operation) =>
        operation.ChildOperations.FirstOrDefault() is { Type: IPointerTypeSymbol pointer } child
        && operation.Type is { } type && SymbolEqualityComparer.Default.Equals(pointer.PointedAtType, type)
            ? child
            : null;

    private bool IsPointer(ITypeSymbol? type) => type is IPointerTypeSymbol || _symbols.IsSlabPointer(type);

    private IOperation Unwrap(IOperation operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation conversion when _symbols.CanHoldAddress(conversion.Type) && _symbols.CanHoldAddress(conversion.Operand.Type):
                    operation = conversion.Operand;
                    break;
                case IPropertyReferenceOperation { Property.Name: "Address", Instance: { } instance } property when _symbols.IsPointerMember(property.Property):
                    operation = instance;
                    break;
                case IPropertyReferenceOperation { Property.Name: "Pointer", Instance: { } lease } when SlabSymbols.IsHolder(lease.Type):
                    operation = lease;
                    break;
                case IObjectCreationOperation { Arguments: [{ Value: { } address }] } creation when _symbols.IsSlabPointer(creation.Type):
                    operation = address;
                    break;
                default:
                    return operation;
            }
        }
    }
}
