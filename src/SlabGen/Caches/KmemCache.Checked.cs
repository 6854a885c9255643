using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using SlabGen.Checking;
using SlabGen.CompilerServices;
using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Slabs;

namespace SlabGen;

// A cache in checked mode (ObjectStates). Like one that clears its objects it has its thread caches in slots of a
// second index: the slots of its callers stay empty, and so each call comes here. Here too it takes the fast path, with
// a look at the object before a free and after an allocation.
public sealed partial class KmemCache
{
    /// <summary>
    /// Takes an object from the calling thread's magazine, if it has one: the fast path of checked mode.
    /// </summary>
    /// <param name="bin">The thread's bin, or null.</param>
    /// <param name="address">The object.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe bool TryTakeChecked(ThreadBin* bin, out nint address)
    {
        address = 0;
        return bin != null && _quickStates is { } states
            && (_takesAny ? bin->TryAllocAny(ReuseRandom.Next(), out address) : bin->TryAlloc(out address))
            && (states.TryTake(address) || DropTaken(address));
    }

    /// <summary>
    /// The bin of what lies in a caller's slot: in checked mode only what has its words there. A slot costs less to
    /// look at than the thread's bins.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe ThreadBin* BinOf(ThreadCache? thread) => thread is null ? null : thread.Bin;

    /// <summary>The bin among those of the calling thread, for a caller without a slot.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe ThreadBin* BinOf(nint bins) => bins != 0 ? ThreadBins.Of(bins, _checkedBin) : null;

    /// <summary>For <see cref="Kmalloc"/>, whose fast path found no object.</summary>
    /// <param name="bins">Those of the calling thread, or 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe nint AllocOfKmalloc(nint bins) =>
        TryTakeChecked(BinOf(bins), out nint address) ? address : AllocSlower(ref ThreadSlots.Slot(Id));

    /// <summary>For <see cref="Kmalloc"/>, whose fast path found no room.</summary>
    /// <param name="bins">Those of the calling thread, or 0.</param>
    /// <param name="address">The block.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe void FreeOfKmalloc(nint bins, nint address)
    {
        bool marked = false;
        if (!TryFreeChecked(BinOf(bins), address, ref marked))
        {
            FreeSlower(ref ThreadSlots.Slot(Id), address, marked);
        }
    }

    /// <summary>The same for many, which are not the caller's yet.</summary>
    private bool TryPopChecked(Span<nint> addresses) =>
        _states is not null && _magazines.TryPopAll(ThreadSlots.Peek(_magazines.HiddenSlot), addresses);

    /// <summary>
    /// In checked mode: an object becomes the caller's. Every way to allocate ends here, or in
    /// <see cref="Take(Span{nint})"/>.
    /// </summary>
    /// <exception cref="SlabException">It is not free: two threads freed it at once. This copy was dropped.</exception>
    private void Take(nint address)
    {
        if (_marks is not null)
        {
            if (TakeMarked(address) is { } error)
            {
                ExceptionDispatchInfo.Throw(error);
            }
        }
        else if (_states is not null && !_states.TryTake(address))
        {
            DropTaken(address);
        }
    }

    /// <summary>As <see cref="Take(nint)"/>, of many: if one is not free, the others go back.</summary>
    private void Take(Span<nint> addresses)
    {
        for (int i = 0; _states is not null && i < addresses.Length; i++)
        {
            if (_marks is not null)
            {
                if (TakeMarked(addresses[i]) is { } error)
                {
                    GiveBack(addresses, i, error);
                }
            }
            else if (!_states.TryTake(addresses[i]))
            {
                GiveBack(addresses, i, ToError(SlabFault.DoubleFree, addresses[i]));
            }
        }
    }

    [DoesNotReturn]
    private void GiveBack(Span<nint> addresses, int bad, SlabException error)
    {
        for (int i = 0; i < bad; i++)
        {
            SetBack(addresses[i], isFree: true);
        }

        addresses[bad] = 0;
        nint[] free = [.. addresses.ToArray().Where(other => other != 0 && _states!.Of(other) == ObjectStates.Free)];
        addresses.Clear();
        _magazines.ThrowLater(_magazines.ToError(_slabs.Give(free)));
        ExceptionDispatchInfo.Throw(error);
    }

    /// <summary>
    /// Takes an object back, if the calling thread's magazine has room: the fast path of checked mode.
    /// </summary>
    /// <returns><see langword="false"/> when nothing was done, or it is only marked free.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe bool TryFreeChecked(ThreadBin* bin, nint address, ref bool marked) =>
        bin != null && _quickStates is { } states && (marked = states.TryFree(address)) && ClearFreed(address)
            && bin->TryFree(address);

    /// <summary>
    /// Clears an object, where it is asked for and poison does not do it: between the mark and the magazine it is
    /// nobody's.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool ClearFreed(nint address)
    {
        if (_zeroing == SlabZeroing.OnFree && _marks?.Layout.Has(SlabDebug.Poison) != true)
        {
            Clear(address);
        }

        return true;
    }

    /// <summary>Takes an object back, or says what is wrong with the pointer.</summary>
    private void FreeChecked(ref ThreadCache? slot, nint address, bool marked)
    {
        if (GuardRange.Contains(address))
        {
            _slabs.NoteFree(new ReadOnlySpan<nint>(in address));
            ClearGiven(new ReadOnlySpan<nint>(in address));
            GiveToMagazines(ref slot, new ReadOnlySpan<nint>(in address));
            return;
        }

        if (_marks is not null)
        {
            FreeMarked(ref slot, address);
            return;
        }

        if (!marked)
        {
            _magazines.ThrowIfClosed();
            if (!_states!.TryFree(address))
            {
                ThrowFault(_states.FaultOf(address), address);
            }
        }

        ClearFreed(address);
        Give(ref slot, new ReadOnlySpan<nint>(in address));
    }

    /// <summary>Takes objects back. Those that are none are left out, and the first of them is thrown.</summary>
    private void FreeChecked(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        _magazines.ThrowIfClosed();
        if (addresses.Contains(0))
        {
            ThrowFault(SlabFault.NullPointer, 0);
        }

        if (_marks is not null)
        {
            PrepareToGive(ref slot);
        }

        Span<nint> good = stackalloc nint[64];
        int count = 0;
        Exception? error = null;
        foreach (nint address in addresses)
        {
            if (GuardRange.Contains(address))
            {
                TryFreeGuarded(ref slot, address, ref error);
                continue;
            }

            if (!TryMarkFree(address, ref error))
            {
                continue;
            }

            nint leaving = _quarantine is null ? address : Detain(address, ref error);
            if (leaving == 0)
            {
                continue;
            }

            good[count++] = leaving;
            if (count == good.Length)
            {
                TryGive(ref slot, good, ref error);
                count = 0;
            }
        }

        TryGive(ref slot, good[..count], ref error);
        if (error is not null)
        {
            _slabs.FinishDiscardsQuietly().Keep(Pending);
            ExceptionDispatchInfo.Throw(error);
        }

        _slabs.FinishDiscards();
    }

    private void TryFreeGuarded(ref ThreadCache? slot, nint address, ref Exception? error)
    {
        try
        {
            FreeChecked(ref slot, address, marked: false);
        }
        catch (Exception other)
        {
            KeepFirst(other, ref error); // the others still come
        }
    }

    private void TryGive(ref ThreadCache? slot, ReadOnlySpan<nint> addresses, ref Exception? error)
    {
        try
        {
            if (!_magazines.TryPushAll(ThreadSlots.Peek(_magazines.HiddenSlot), addresses))
            {
                Give(ref slot, addresses);
            }
        }
        catch (Exception other)
        {
            KeepFirst(other, ref error); // about what was freed before, or of a destructor: the others still come
        }
    }

    private void KeepFirst(Exception other, ref Exception? error)
    {
        if (error is not null && other is not SlabException)
        {
            Pending.Add(other); // a later call tells
        }

        error ??= other;
    }

    /// <summary>Gives objects back that were found good, where the magazine has no room.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Give(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        bool attached = !_magazines.HasMagazines;
        try
        {
            attached = attached || _magazines.Attach(ref slot) is not null;
        }
        finally
        {
            for (int i = 0; !attached && i < addresses.Length; i++)
            {
                SetBack(addresses[i], isFree: false); // nothing was taken back
            }
        }

        GiveToMagazines(ref slot, addresses);
    }

    /// <summary>What lay in a magazine and is live: this copy is dropped.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool DropTaken(nint address) => throw ToError(SlabFault.DoubleFree, address);

    [DoesNotReturn]
    private void ThrowFault(SlabFault fault, nint address) => throw ToError(fault, address);
}
