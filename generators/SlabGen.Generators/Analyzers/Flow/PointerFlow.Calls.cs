using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>
/// Calls: those that allocate, free or dispose, those that never return, and those to private methods of the same file.
/// </summary>
internal sealed partial class PointerFlow
{
    private HelperMethod HelperOf(IInvocationOperation call) => _symbols.HelperOf(call.TargetMethod, Model);

    private SemanticModel? Model => _graph.OriginalOperation.SemanticModel;

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

        bool isPointers = _symbols.IsPointerMember(call.TargetMethod),
            givesSpan = isPointers && call.TargetMethod.ReturnType.IsRefLikeType;
        bool isView = SlabSymbols.IsView(call);
        bool keepsNothing = isView
            || isPointers && !givesSpan
            && !call.Arguments.Any(static argument => argument.Parameter?.RefKind == RefKind.Out);
        int instance = Visit(call.Instance);
        if (givesSpan && instance != FlowState.Null)
        {
            CheckUse(call, call.Instance, instance); // for null it is empty
        }

        if (call.Arguments.Length > 0)
        {
            // Equals compares the address.
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
                if (isView && value != FlowState.Null)
                {
                    CheckUse(call, argument.Value, value); // of null it is empty
                }

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
        return _symbols.IsAlloc(call.TargetMethod)
            ? NewObject(call, HasContent(call) ? ObjectFlags.Live | ObjectFlags.Written : ObjectFlags.Live)
            : SlabSymbols.IsRent(call) || helper.Cache is not null
            ? NewObject(call, ObjectFlags.Live | ObjectFlags.Written)
            : FlowState.Unknown;
    }

    private void VisitOutArgument(IArgumentOperation argument)
    {
        // Out var p.
        IOperation target = argument.Value is IDeclarationExpressionOperation declaration
            ? declaration.Expression : argument.Value;
        if (_variables.FindTarget(target) is >= 0 and int variable)
        {
            _state.Assign(variable, NewObject(argument, ObjectFlags.Live | ObjectFlags.Shared | ObjectFlags.Written));
        }
        else
        {
            Visit(argument.Value);
        }
    }

    /// <summary>
    /// Whether the call ends the path as a <c>throw</c> does. If an argument decides that, also records what is known
    /// after the call.
    /// </summary>
    private bool NeverReturns(IInvocationOperation call)
    {
        if (HasAttribute(call.TargetMethod, "DoesNotReturnAttribute") || HelperOf(call).Throws)
        {
            return true;
        }

        foreach (IArgumentOperation argument in call.Arguments)
        {
            if (argument.Parameter?.Type.SpecialType == SpecialType.System_Boolean
                && FindAttribute(argument.Parameter, "DoesNotReturnIfAttribute")
                    is { ConstructorArguments: [{ Value: bool outcome }] }
                && !Assume(argument.Value, !outcome, _state))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasAttribute(ISymbol symbol, string name) => FindAttribute(symbol, name) is not null;

    private static AttributeData? FindAttribute(ISymbol symbol, string name) =>
        symbol.GetAttributes().FirstOrDefault(data =>
        data.AttributeClass is { ContainingNamespace.Name: "CodeAnalysis" } type && type.Name == name);

    /// <summary>
    /// A lease frees its object once, however often it is disposed of. A second disposal of an owner throws in checked
    /// mode. A <c>using</c> of an owner that was disposed of early is not reported: people do not write that.
    /// </summary>
    private void VisitDispose(IInvocationOperation call, IOperation holder)
    {
        int value = Visit(holder);
        value = value == FlowState.Unknown ? Known(holder) : value;
        if (value <= FlowState.Null)
        {
            return;
        }

        if (IsFreedForCertain(value) && SlabSymbols.IsOwner(holder.Type) && !call.IsImplicit)
        {
            Report(UseDescriptors.FreedTwice, call.Syntax, Name(holder), "every path that leads here");
        }

        _state[value] = ObjectFlags.Freed | (_state[value] & ~Ways);
    }

    /// <summary>
    /// Frees the objects of that cache. Objects of an unknown cache may be free afterwards. An owner notices by itself,
    /// and may still be disposed of.
    /// </summary>
    private void VisitReset(IInvocationOperation call)
    {
        ISymbol? cache = _symbols.IdentityOf(call, Model);
        foreach (int obj in _state.Objects.ToArray())
        {
            ISymbol? owner = _origins[obj - 1] is IInvocationOperation origin
                ? _symbols.IdentityOf(origin, Model) : null;
            if (cache is null || owner is null || SlabSymbols.IsOwner(_origins[obj - 1].Type)
                || SlabSymbols.IsBuffer(_origins[obj - 1].Type))
            {
                Escape(obj);
            }
            else if (SymbolEqualityComparer.Default.Equals(cache, owner))
            {
                _state[obj] = ObjectFlags.Freed | (_state[obj] & ~Ways);
            }
        }
    }

    private bool IsOfLease(IOperation freed, int value) =>
        SlabSymbols.IsHolder(Unwrap(freed).Type)
        || (value > FlowState.Null && SlabSymbols.IsRent(_origins[value - 1]));

    /// <summary>Whether the object was found by a handle that is still live, and is freed by its address.</summary>
    private bool IsOfHandle(int value, IOperation freed) =>
        !_symbols.IsHandle(freed.Type)
        && _origins[value - 1]
            is IArgumentOperation { Parent: IInvocationOperation { TargetMethod.Name: "TryGet", Instance: { } handle } }
        && _symbols.IsHandle(handle.Type);
}
