using System.Diagnostics.CodeAnalysis;
using SlabGen.CompilerServices;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen.Magazines;

/// <summary>
/// Where the fast path goes when its magazine does not serve: from the loaded magazine to the previous one, to the
/// depot, to the slabs (Bonwick and Adams 2001, section 3). Loaded and previous magazine together give hysteresis: at
/// least one magazine of operations lies between two visits to the depot.
/// </summary>
/// <remarks>
/// Owns the thread caches, the depots and the slabs of one cache. Each has locks of its own, in this order: a gate, the
/// depot, the list lock, a metadata pool, the zone. <see cref="_drainLock"/> comes before them. What one thread takes
/// home is on its way for a moment, and without this lock a second thread that found nothing meanwhile would fail for
/// no reason. <see cref="IsClosed"/> and <see cref="IsUnmapped"/> go from false to true once, and every gate is taken
/// in turn after that. So a thread that holds a gate and sees them false may use what they guard.
/// </remarks>
internal sealed partial class CacheMagazines
{
    private readonly ThreadCacheList _threads = new();
    private readonly Depot[] _depots;
    private readonly bool _mayGrow;
    private readonly UninterruptibleLock _drainLock = new();
    private readonly UninterruptibleLock _validating = new();
    private bool _isClosed; // goes to true once, by exchange
    private bool _isUnmapped; // goes to true once, by the thread that unmaps

    /// <param name="slabs">The slabs.</param>
    /// <param name="depots">A depot for each node of the machine.</param>
    /// <param name="mayGrow">Whether magazines become larger when threads contend for the depots.</param>
    public CacheMagazines(CacheSlabs slabs, Depot[] depots, bool mayGrow)
    {
        Slabs = slabs;
        _depots = depots;
        _mayGrow = mayGrow;
    }

    public CacheSlabs Slabs { get; }

    /// <summary>
    /// Errors that were found where no caller could be told. The next slow calls on this cache throw them.
    /// </summary>
    public PendingErrors Pending => Slabs.Pending;

    /// <summary>The depots, one for each node of the machine.</summary>
    public ReadOnlySpan<Depot> Depots => _depots;

    /// <summary>The objects that wait for a grace period. Set before the first use.</summary>
    public IDeferred? Deferred { get; set; }

    /// <summary>The rounds of the magazines that threads get now.</summary>
    public int Rounds => _depots[0].Rounds;

    /// <summary>Whether objects wait in magazines. They do not if the cache's options say so.</summary>
    public bool HasMagazines { get; init; }

    /// <summary>
    /// Whether the words of the fast path lie in the threads' bins, by <see cref="BinId"/>. The callers find them
    /// there, or checked mode does; through a thread cache every call is slow.
    /// </summary>
    public bool HasBins { get; init; }

    /// <summary>The id of the bins: the cache's own, which callers know, or that of the hidden slot.</summary>
    public uint BinId => HiddenSlot != 0 ? (uint)HiddenSlot : Slabs.CacheId;

    /// <summary>
    /// The index of the slots that thread caches lie in, where the callers' own must stay empty; else 0.
    /// </summary>
    public int HiddenSlot { get; init; }

    /// <summary>Whether any free object of a magazine is taken, and not the last.</summary>
    public bool TakesAny { get; init; }

    /// <summary>Whether the cache was destroyed.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>Whether the memory of the runtime was unmapped.</summary>
    public bool IsUnmapped => Volatile.Read(ref _isUnmapped);

    /// <summary>
    /// Takes as many objects as the span holds from the loaded magazine, if it has them: a copy, without the gate.
    /// </summary>
    /// <returns>
    /// <see langword="false"/> when nothing was done: the magazine has fewer, or there is something to see to first.
    /// </returns>
    public bool TryPopAll(ThreadCache? thread, Span<nint> addresses) =>
        !TakesAny && IsPlain(thread) && thread.TryPopAll(addresses);

    /// <summary>
    /// Puts objects into the loaded magazine, if it has room for all of them and none is null: a copy, without the
    /// gate.
    /// </summary>
    /// <returns><see langword="false"/> when nothing was done.</returns>
    public bool TryPushAll(ThreadCache? thread, ReadOnlySpan<nint> addresses) =>
        IsPlain(thread) && !Slabs.IsShort && thread.TryPushAll(addresses);

    /// <summary>
    /// Whether the calling thread has a thread cache here, and no error waits to be thrown.
    /// </summary>
    private bool IsPlain([NotNullWhen(true)] ThreadCache? thread) =>
        thread is not null && thread.Magazines == this && !Pending.Any;

    /// <summary>Takes an object. This is most of the slow path's work, so it uses no spans.</summary>
    /// <returns><see langword="false"/> when there is none without reclaim.</returns>
    public bool TryAlloc(ref ThreadCache? slot, out nint address)
    {
        ThrowPending();
        if (!HasMagazines)
        {
            ThrowIfClosed();
            address = 0;
            return TryTakeFromSlabs(new Span<nint>(ref address));
        }

        ThreadCache thread = Attach(ref slot);
        Slabs.RelieveDepots();
        address = 0;
        using (thread.Gate.Hold())
        {
            ThrowIfClosed();
            thread.Settle();
            if (GoesPastMagazines(thread))
            {
                return TryTakeFromSlabs(new Span<nint>(ref address));
            }

            while (!thread.TryAllocAnywhere(out address))
            {
                if (!IsClosed && TryReload(thread))
                {
                    continue;
                }

                // There may be no memory for a magazine, but still some for the object.
                if (TryTakeFromSlabs(new Span<nint>(ref address)))
                {
                    return true;
                }

                ThrowIfClosed(); // the cache was destroyed meanwhile
                return false;
            }

            return true;
        }
    }

    /// <summary>Takes as many objects as the span holds, or none.</summary>
    public unsafe bool TryAllocBulk(ref ThreadCache? slot, Span<nint> addresses)
    {
        ThrowPending();
        if (!HasMagazines)
        {
            return TryTakeFromSlabs(addresses);
        }

        ThreadCache thread = Attach(ref slot);
        using (thread.Gate.Hold())
        {
            ThrowIfClosed();
            thread.Settle();
            int taken = 0;
            bool complete = false;
            if (GoesPastMagazines(thread))
            {
                return TryTakeFromSlabs(addresses);
            }

            try
            {
                complete = TryFill(thread, addresses, ref taken);
            }
            finally
            {
                if (!complete)
                {
                    // They come from magazines, so a bad one may be among them.
                    ThrowLater(ToError(Slabs.Give(addresses[..taken])));
                    addresses[..taken].Clear();
                }
            }

            if (!complete)
            {
                ThrowIfClosed(); // the cache was destroyed meanwhile
            }

            return complete;
        }
    }

    /// <summary>
    /// Owner, under the gate: fills the span from the magazines, and what is left of it from the slabs.
    /// </summary>
    /// <param name="thread">The owner's thread cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="taken">The number of objects that it has, also when this throws.</param>
    private bool TryFill(ThreadCache thread, Span<nint> addresses, ref int taken)
    {
        while (taken < addresses.Length)
        {
            int got = thread.Pop(addresses[taken..]);
            taken += got;
            if (got == 0 && (IsClosed || !TryReload(thread)))
            {
                // There may be no memory for a magazine, but still some for the object.
                return !IsClosed && TryTakeFromSlabs(addresses[taken..]);
            }
        }

        return true;
    }

    /// <summary>Takes objects past all magazines: all of them or none.</summary>
    public unsafe bool TryTakeFromSlabs(Span<nint> addresses, GfpFlags gfp = GfpFlags.Kernel, int node = -1)
    {
        ThrowIfClosed();
        int taken;
        fixed (nint* first = addresses)
        {
            taken = Slabs.Take(first, addresses.Length, gfp, node);
        }

        if (taken == addresses.Length)
        {
            return true;
        }

        Slabs.Give(addresses[..taken]);
        addresses.Clear();
        return false;
    }

    /// <summary>
    /// Called after the work is done: throws what it found, or what was found where no caller could be told.
    /// </summary>
    private void ThrowFound(BadPointer found)
    {
        if (ToError(found) is { } error)
        {
            throw error.Tell(Pending);
        }

        ThrowPending();
    }

    public SlabException? ToError(BadPointer found) =>
        found.Fault == SlabFault.None ? null : Throw.Fault(Slabs, found.Fault, found.Address);
}
