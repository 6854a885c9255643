using System.Runtime.ExceptionServices;
using SlabGen.Caches;
using SlabGen.Checking;
using SlabGen.CompilerServices;
using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// A cache with letters (SlabDebug) besides F: each object that changes hands has its marks looked at and written
// (ObjectMarks). It is a cache in checked mode that never takes the fast path there.
public sealed partial class KmemCache
{
    private const string TakenBack = "The object was taken back", NotTaken = "No object was taken";

    /// <summary>An object becomes the caller's.</summary>
    /// <returns>Why not. Then it has gone where free ones are, or was dropped.</returns>
    private SlabException? TakeMarked(nint address)
    {
        if (!GuardRange.Contains(address)) // its page has its own marks
        {
            if (!_marks!.TryTake(address, _marks.Here(), out ObjectDamage? damage))
            {
                return ToError(SlabFault.DoubleFree, address);
            }

            if (damage is not null)
            {
                SlabException error = ToError(damage, NotTaken);
                _magazines.ThrowLater(_magazines.ToError(_slabs.Give(new ReadOnlySpan<nint>(in address))));
                return error;
            }
        }

        Trace("alloc", address);
        return null;
    }

    /// <summary>Takes an object back, or says what is wrong with the pointer.</summary>
    private void FreeMarked(ref ThreadCache? slot, nint address)
    {
        PrepareToGive(ref slot);
        if (!TryMarkFree(address, out SlabException? error))
        {
            ExceptionDispatchInfo.Throw(error!);
        }

        try
        {
            address = Detain(address, ref error);
            if (address != 0)
            {
                Give(ref slot, new ReadOnlySpan<nint>(in address));
            }
        }
        catch when (error is not null)
        {
            Pending.Add(error); // a later call tells
            throw;
        }

        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>What can fail, before the object is written over.</summary>
    private void PrepareToGive(ref ThreadCache? slot)
    {
        _magazines.ThrowIfClosed();
        if (_magazines.HasMagazines)
        {
            _magazines.Attach(ref slot);
        }
    }

    /// <summary>Marks an object free.</summary>
    /// <param name="address">The pointer.</param>
    /// <param name="error">What is wrong with it; or, of an object that is free now, what was written over.</param>
    /// <returns>Whether it is free now.</returns>
    private bool TryMarkFree(nint address, out SlabException? error)
    {
        SlabFault fault = _marks!.Free(address, _marks.Here(), out ObjectDamage? damage);
        error = fault != SlabFault.None ? ToError(fault, address)
            : damage is not null ? ToError(damage, TakenBack) : null;
        if (fault == SlabFault.None)
        {
            ClearFreed(address);
            Trace("free", address);
        }

        return fault == SlabFault.None;
    }

    /// <summary>The same, of one of many, in a cache with or without letters.</summary>
    private bool TryMarkFree(nint address, ref Exception? error)
    {
        if (_marks is not null)
        {
            bool isFree = TryMarkFree(address, out SlabException? found);
            error ??= found;
            return isFree;
        }

        if (!_states!.TryFree(address))
        {
            error ??= ToError(_states.FaultOf(address), address);
            return false;
        }

        ClearFreed(address);
        return true;
    }

    /// <summary>An object that could not be handed out, or taken back, is what it was.</summary>
    private void SetBack(nint address, bool isFree)
    {
        if (_marks is not null && !GuardRange.Contains(address))
        {
            _marks.Undo(address, isFree);
        }
        else
        {
            _states!.Set(address, isFree ? ObjectStates.Free : ObjectStates.Live);
        }
    }

    /// <summary>Puts an object that is free now into the quarantine, if there is one.</summary>
    /// <returns>The one that is to go where free ones are, instead; 0 for none.</returns>
    private nint Detain<T>(nint address, ref T? error)
        where T : Exception
    {
        nint leaving = _quarantine is null || _slabs.IsShort ? address : _quarantine.Exchange(address);
        if (leaving != 0 && leaving != address && LookAtLeaving(leaving) is { } found)
        {
            Pending.Add(error is null ? null : found); // a later call tells
            error ??= (T)(Exception)found;
        }

        return leaving;
    }

    private SlabException? LookAtLeaving(nint address) =>
        _marks!.LookAtFree(address) is { } damage ? ToError(damage, "It was found when the object left the quarantine") : null;

    /// <summary>Takes home what waits in the quarantine.</summary>
    /// <returns>Whether anything did.</returns>
    private bool EmptyQuarantine(ref FoundErrors found)
    {
        bool any = false;
        Span<nint> some = stackalloc nint[64];
        while (_quarantine?.Take(some, close: IsDestroyed) is > 0 and int taken)
        {
            any = true;
            foreach (nint address in some[..taken])
            {
                found.Add(_marks!.LookAtFree(address) is { } damage ? ToErrorLater(damage) : null);
            }

            found.Add(_magazines.ToError(_slabs.Give(some[..taken])));
        }

        return any;
    }

    /// <summary>Where users' code must not run.</summary>
    private SlabException ToErrorLater(ObjectDamage damage)
    {
        _slabs.TryFind(damage.Image.Object, out SlabPlace place);
        return Throw.Damaged(_slabs, damage, place, "It was found when the object left the quarantine");
    }

    private SlabException ToError(ObjectDamage damage, string outcome)
    {
        _slabs.TryFind(damage.Image.Object, out SlabPlace place);
        return Throw.Damaged(_slabs, damage, place, outcome).Tell(Pending);
    }

    private void Trace(string what, nint address)
    {
        if (_marks!.Layout.Has(SlabDebug.Trace))
        {
            TraceLines.Write(Name, what, address, Pending);
        }
    }
}
