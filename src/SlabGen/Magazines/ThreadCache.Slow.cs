using SlabGen.Guards;
using SlabGen.Magazines;
using SlabGen.Memory;

namespace SlabGen.CompilerServices;

// The owner's slow path, under the gate.
public sealed partial class ThreadCache
{
    internal unsafe Magazine* Loaded => _held.Magazine;

    internal unsafe Magazine* Previous
    {
        get => _previous;
        set => _previous = value;
    }

    /// <summary>Whether the owner has a magazine here; without the gate it may have gone meanwhile.</summary>
    internal unsafe bool HasMagazine => _held.Magazine != null;

    /// <summary>The bytes of objects that a magazine has room for.</summary>
    internal long RoundBytes => (long)Depot.Rounds * Magazines.Slabs.Layout.Size;

    /// <summary>
    /// Under the gate: whether the owner has been in the slow path since the last revocation, so that its fast path
    /// works.
    /// </summary>
    internal bool IsOpen => !Revocation<RawWords>.IsShut(ref Words);

    /// <summary>
    /// Owner, under the gate, a magazine loaded: how many objects to take from the slabs at once, few for a thread that
    /// takes few.
    /// </summary>
    internal unsafe int NextRefill()
    {
        int refill = Math.Min(_refill, _held.Magazine->Capacity);
        _refill = refill * 2;
        return refill;
    }

    /// <summary>Owner, under the gate: moves what a revocation left to the bottom of the magazine.</summary>
    internal unsafe void Settle()
    {
        _visits++;
        Owner.CountVisit();
        if (_held.Magazine != null)
        {
            Revocation<RawWords>.Settle(ref Words, ref _held);
        }
    }

    /// <summary>Owner: as the fast path, wherever its words are.</summary>
    internal bool TryAllocAnywhere(out nint address) => Magazines.TakesAny
        ? Words.TryAllocAny(ReuseRandom.Next(), out address) : Words.TryAlloc(out address);

    /// <inheritdoc cref="TryAllocAnywhere"/>
    internal bool TryFreeAnywhere(nint address) =>
        (nuint)address >= (nuint)GuardRange.End && Words.TryFree(address);

    /// <summary>Owner: takes as many objects as the span holds, if the loaded magazine has them.</summary>
    internal unsafe bool TryPopAll(Span<nint> addresses)
    {
        fixed (nint* first = addresses)
        {
            return Words.TryAllocAll(first, addresses.Length);
        }
    }

    /// <summary>Owner: puts all the objects into the loaded magazine, if it has room, and none is null.</summary>
    internal unsafe bool TryPushAll(ReadOnlySpan<nint> addresses)
    {
        fixed (nint* first = addresses)
        {
            return Words.TryFreeAll(first, addresses.Length);
        }
    }

    /// <summary>Owner, under the gate: takes up to so many objects from the loaded magazine.</summary>
    internal unsafe int Pop(Span<nint> addresses)
    {
        if (Magazines.TakesAny)
        {
            return PopAny(addresses);
        }

        int taken = _held.Magazine == null ? 0
            : Math.Min(addresses.Length, Revocation<RawWords>.CountOf(ref Words, _held));
        nint first = Words.Top - (taken * sizeof(nint));
        new ReadOnlySpan<nint>((nint*)first, taken).CopyTo(addresses);
        Words.Top = first;
        return taken;
    }

    private int PopAny(Span<nint> addresses)
    {
        int taken = 0;
        while (taken < addresses.Length && TryAllocAnywhere(out addresses[taken]))
        {
            taken++;
        }

        return taken;
    }

    /// <summary>Owner, under the gate: puts as many objects as there is room for into the loaded magazine.</summary>
    internal unsafe int Push(ReadOnlySpan<nint> addresses)
    {
        if (_held.Magazine == null)
        {
            return 0;
        }

        nint end = (nint)(Magazine.Rounds(_held.Magazine) + _held.Magazine->Capacity);
        int room = Math.Min(addresses.Length, (int)((end - Words.Top) / sizeof(nint)));
        addresses[..room].CopyTo(new Span<nint>((nint*)Words.Top, room));
        Words.Top += room * sizeof(nint);
        return room;
    }

    /// <summary>Owner, under the gate: loads a magazine in place of none.</summary>
    internal unsafe void Load(Magazine* magazine)
    {
        _held.Magazine = magazine;
        Arm(magazine->Count);
    }

    /// <summary>Owner, under the gate: takes the loaded magazine out, with its count written down.</summary>
    internal unsafe Magazine* Unload()
    {
        Magazine* magazine = _held.Magazine;
        magazine->Count = Revocation<RawWords>.CountOf(ref Words, _held);
        Disarm();
        return magazine;
    }

    /// <summary>Owner, under the gate: the loaded magazine and the previous one change places.</summary>
    internal unsafe void Swap()
    {
        Magazine* loaded = _held.Magazine;
        loaded->Count = Revocation<RawWords>.CountOf(ref Words, _held);
        Load(_previous);
        _previous = loaded;
    }

    /// <summary>Owner, under the gate: sets how many rounds of the loaded magazine are objects.</summary>
    internal void Arm(int count) => Revocation<RawWords>.Arm(ref Words, ref _held, count);

    /// <summary>Under the gate, the owner outside: no magazine is loaded, and both compares fail.</summary>
    internal unsafe void Disarm()
    {
        Revocation<RawWords>.CloseBounds(ref Words);
        _held.Magazine = null;
    }
}
