using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace SlabGen.Generators;

/// <summary>What happens to objects, and what is reported about it.</summary>
internal sealed partial class PointerFlow
{
    private const string MayBeAnothers = "another owner may have the object now";
    private const ObjectFlags Ways = ObjectFlags.Unallocated | ObjectFlags.Live | ObjectFlags.Freed;

    private bool IsFreedForCertain(int value) => value > FlowState.Null && (_state[value] & Ways) == ObjectFlags.Freed;

    private int NewObject(IOperation origin, ObjectFlags flags)
    {
        if (!_numbers.TryGetValue(origin, out int obj))
        {
            _origins.Add(origin);
            _numbers[origin] = obj = _origins.Count;
        }

        _state.Renew(obj, flags);
        return obj;
    }

    /// <summary>Called when the value goes where it cannot be followed.</summary>
    private void Escape(int value)
    {
        if (value > FlowState.Null)
        {
            _escaped.Add(value);
            _state.Share(value);
            Doubt(value);
        }
    }

    /// <summary>
    /// The program looks at an address that it freed, and may find that a new object has it: <c>if (old ==
    /// OrderCache.Alloc()) OrderCache.Free(old);</c>.
    /// </summary>
    private void Doubt(int value)
    {
        if (IsFreedForCertain(value))
        {
            _state[value] |= ObjectFlags.Live;
        }
    }

    private void VisitFree(IInvocationOperation call, IOperation freed)
    {
        int value = Visit(freed);
        if (IsOfLease(freed, value))
        {
            Report(UseDescriptors.LeasedFreed, call.Syntax, freed.Syntax.ToString());
            return;
        }

        if (value == FlowState.Null)
        {
            if (!SlabSymbols.IsOfKmalloc(call.TargetMethod))
            {
                ReportNull(call.Syntax, freed);
            }

            return;
        }

        if (value == FlowState.Unknown)
        {
            if (_variables.Find(Unwrap(freed)) is not (>= 0 and int variable))
            {
                return;
            }

            // Wherever the object came from, it is known from here on.
            value = NewObject(freed, ObjectFlags.Live | ObjectFlags.Shared | ObjectFlags.Written);
            _state.Assign(variable, value);
        }

        if (IsFreedForCertain(value))
        {
            Report(UseDescriptors.FreedTwice, call.Syntax, Name(freed), "every path that leads here");
            MeetSecond(value, call, freed);
        }
        else if (IsOfHandle(value, freed))
        {
            Report(UseDescriptors.HandledFreed, call.Syntax, Name(freed));
        }
        else if (_origins[value - 1] is IInvocationOperation alloc
            && _symbols.IsAlloc(alloc.TargetMethod)
            && !SlabSymbols.IsOfKmalloc(call.TargetMethod)
            && _symbols.IdentityOf(alloc, Model) is { } owner
            && _symbols.IdentityOf(call, Model) is { } other
            && !SymbolEqualityComparer.Default.Equals(owner, other))
        {
            Report(UseDescriptors.FreedToAnotherCache, call.Syntax, Name(freed), NameOf(owner), NameOf(other));
        }

        BeginTrial(value, call);
        _state[value] = ObjectFlags.Freed | (_state[value] & ~Ways);
    }

    /// <summary>Called when the object behind the pointer is read or written.</summary>
    private void CheckUse(IOperation use, IOperation? pointer, int value)
    {
        if (value == FlowState.Null)
        {
            ReportNull(use.Syntax, pointer);
        }
        else if (IsFreedForCertain(value))
        {
            if (!MayBeReadWhenFree(pointer))
            {
                Report(UseDescriptors.UsedAfterFree, use.Syntax, Name(pointer),
                    SlabSymbols.IsOwner(pointer?.Type) ? "it throws" : MayBeAnothers);
            }

            // One report is enough.
            _state[value] |= ObjectFlags.Live;
        }
    }

    /// <summary>SLAB_TYPESAFE_BY_RCU: such objects are read before it is known whether they are free.</summary>
    private static bool MayBeReadWhenFree(IOperation? pointer)
    {
        ITypeSymbol? type = pointer?.Type switch
        {
            IPointerTypeSymbol plain => plain.PointedAtType,
            INamedTypeSymbol link when LinkType.KindOf(link) is not null => LinkType.TargetOf(link),
            INamedTypeSymbol { TypeArguments: [{ } argument] } => argument,
            _ => null,
        };

        return type is INamedTypeSymbol named
            && SlabCacheAttributeName.FindOn(named.OriginalDefinition) is { } attribute
            && SlabCacheArguments.Of(named.OriginalDefinition, attribute).TypeSafeByRcu;
    }

    /// <summary>Reports objects in use that no variable holds any more, and that nothing else ever knew.</summary>
    private void FindLost()
    {
        if (!_reporting)
        {
            return;
        }

        foreach (int obj in _state.Objects.ToArray())
        {
            if ((_state[obj] & ~ObjectFlags.Written) == ObjectFlags.Live
                && !_escaped.Contains(obj)
                && !_state.IsHeld(obj)
                && CacheNameOf(_origins[obj - 1]) is { } cache)
            {
                Report(UseDescriptors.NotFreed, _origins[obj - 1].Syntax, cache);
            }
        }
    }

    private static string NameOf(ISymbol cache) => cache is INamedTypeSymbol ? cache.ToDisplayString() : cache.Name;

    /// <summary>
    /// The name that messages use for the cache whose object an operation took; null when it took none.
    /// </summary>
    private string? CacheNameOf(IOperation origin) => origin switch
    {
        IInvocationOperation { TargetMethod: { } method } when SlabSymbols.IsOfKmalloc(method) => "Kmalloc",
        IInvocationOperation call =>
            GeneratedCacheClass.NameOf(call.TargetMethod.ContainingType) ?? HelperOf(call).Cache?.Name,
        _ when SlabSymbols.IsRent(origin) => origin.Type?.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat),
        _ => null,
    };

    /// <summary>
    /// Reports objects that are free when the method returns, although a lambda that it leaves behind holds them.
    /// </summary>
    private void FindOutlived()
    {
        if (!_reporting)
        {
            return;
        }

        foreach (int obj in _state.Objects.ToArray())
        {
            if (IsFreedForCertain(obj) && (_state[obj] & ObjectFlags.Captured) != 0
                && _capturedIn.TryGetValue(obj, out var captured))
            {
                Report(UseDescriptors.CapturedByLambda, captured.Lambda, captured.Variable.Name);
            }
        }
    }

    private void ReportNull(SyntaxNode syntax, IOperation? pointer) =>
        Report(_symbols.IsHandle(pointer?.Type) ? UseDescriptors.DefaultHandle : UseDescriptors.NullPointer, syntax,
            Name(pointer));

    private string Name(IOperation? pointer) => pointer is null ? "" : Unwrap(pointer).Syntax.ToString();

    private void Report(DiagnosticDescriptor rule, SyntaxNode syntax, params object[] arguments)
    {
        if (_reporting && _reported.Add(syntax))
        {
            _findings.Add(new FlowFinding(rule, syntax, arguments));
        }
    }
}
