using SlabGen.Slabs;

namespace SlabGen.Magazines;

/// <summary>
/// Where the fast path goes when its magazine does not serve: from the loaded magazine to the previous one, to the
/// depot, to the slabs (Bonwick and Adams 2001, section 3). Loaded and previous together give the hysteresis: at least
/// one magazine of operations lies between two visits to the depot.
/// </summary>
/// <remarks>
/// Owns the thread caches, the depot and the slabs of one cache; each has locks of its own. The order is: a gate, the
/// depot, the list lock, a metadata pool, the zone. <see cref="IsClosed"/> and <see cref="IsReleased"/> go from false to
/// true once, before every gate is taken in turn, so that who holds a gate and sees them false may use what they guard.
/// </remarks>
internal sealed partial class MagazineLayer
{
    private readonly ThreadCacheList _threads = new();
    private Exception? _pending; // found where nobody could be told; any thread, by exchange
    private bool _isClosed, _isReleased;

    public MagazineLayer(KmemCacheNode node, Depot depot, int rounds, bool isChecked)
    {
        Node = node;
        Depot = depot;
        Rounds = rounds;
        IsChecked = isChecked;
    }

    public KmemCacheNode Node { get; }

    public Depot Depot { get; }

    /// <summary>Objects in a full magazine.</summary>
    public int Rounds { get; }

    /// <summary>Checked mode: no magazines at all, so that every call is verified against the slabs.</summary>
    public bool IsChecked { get; }

    /// <summary>The cache was destroyed.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed);

    /// <summary>The memory of the runtime was unmapped.</summary>
    public bool IsReleased => Volatile.Read(ref _isReleased);

    /// <summary>Takes an object. This is most of the slow path's work, and so it goes without spans.</summary>
    /// <returns><see langword="false"/> when there is none without reclaim.</returns>
    public bool TryAlloc(ref ThreadCache? slot, out nint address)
    {
        ThrowPending();
        if (IsChecked)
        {
            ThrowIfClosed();
            address = 0;
            return TryTakeFromSlabs(new Span<nint>(ref address));
        }

        ThreadCache cache = Attach(ref slot);
        using (cache.Gate.Hold())
        {
            ThrowIfClosed();
            cache.Settle();
            while (!cache.TryAlloc(out address))
            {
                if (!IsClosed && TryReload(cache))
                {
                    continue;
                }

                // No memory for a magazine perhaps, but there may still be for the object.
                if (TryTakeFromSlabs(new Span<nint>(ref address)))
                {
                    return true;
                }

                ThrowIfClosed(); // destroyed meanwhile
                return false;
            }

            return true;
        }
    }

    /// <summary>Takes as many objects as the span holds, or none.</summary>
    public unsafe bool TryAllocBulk(ref ThreadCache? slot, Span<nint> addresses)
    {
        ThrowPending();
        if (IsChecked)
        {
            return TryTakeFromSlabs(addresses);
        }

        ThreadCache cache = Attach(ref slot);
        using (cache.Gate.Hold())
        {
            ThrowIfClosed();
            cache.Settle();
            int taken = 0;
            while (taken < addresses.Length)
            {
                int got = cache.Pop(addresses[taken..]);
                taken += got;
                if (got > 0 || (!IsClosed && TryReload(cache)))
                {
                    continue;
                }

                // No memory for a magazine perhaps, but there may still be for the object.
                if (!IsClosed && TryTakeFromSlabs(addresses[taken..]))
                {
                    return true;
                }

                ThrowLater(ToError(Node.Give(addresses[..taken]))); // they come from magazines: a bad one may be among them
                addresses[..taken].Clear();
                ThrowIfClosed(); // destroyed meanwhile
                return false;
            }

            return true;
        }
    }

    /// <summary>Takes an object back. As <see cref="TryAlloc"/>, without spans.</summary>
    /// <exception cref="SlabException">It, or one of those freed before, was not this cache's to take back.</exception>
    public void Free(ref ThreadCache? slot, nint address)
    {
        if (address == 0 || IsChecked)
        {
            Free(ref slot, new ReadOnlySpan<nint>(ref address));
            return;
        }

        (SlabFault Fault, nint Address) found = default;
        ThreadCache cache = Attach(ref slot);
        using (cache.Gate.Hold())
        {
            ThrowIfClosed();
            cache.Settle();
            while (!cache.TryFree(address))
            {
                if (!TryMakeRoom(cache, ref found))
                {
                    found = First(found, Node.Give(new ReadOnlySpan<nint>(ref address))); // no memory for a magazine: straight to the slabs
                    break;
                }
            }
        }

        ThrowFound(found);
    }

    /// <summary>Takes objects back.</summary>
    /// <exception cref="SlabException">One of them, or of those freed before, was not this cache's to take back.</exception>
    public unsafe void Free(ref ThreadCache? slot, ReadOnlySpan<nint> addresses)
    {
        ThrowIfClosed();
        if (addresses.Contains(0))
        {
            throw ToError((SlabFault.NullPointer, 0))!;
        }

        (SlabFault Fault, nint Address) found = default;
        if (IsChecked)
        {
            found = Node.Give(addresses);
            if (IsClosed)
            {
                Node.ReleaseEmpty(); // destroyed meanwhile
            }
        }
        else
        {
            ThreadCache cache = Attach(ref slot);
            using (cache.Gate.Hold())
            {
                ThrowIfClosed();
                cache.Settle();
                while (!addresses.IsEmpty)
                {
                    addresses = addresses[cache.Push(addresses)..];
                    if (!addresses.IsEmpty && !TryMakeRoom(cache, ref found))
                    {
                        found = First(found, Node.Give(addresses)); // no memory for a magazine: straight to the slabs
                        break;
                    }
                }
            }
        }

        ThrowFound(found);
    }

    /// <summary>Owner, under the gate, the loaded magazine empty or absent: loads one with objects.</summary>
    private unsafe bool TryReload(ThreadCache cache)
    {
        if (cache.Previous != null && cache.Previous->Count > 0)
        {
            if (cache.Loaded == null)
            {
                Magazine* previous = cache.Previous;
                cache.Previous = null;
                cache.Load(previous);
            }
            else
            {
                cache.Swap();
            }

            return true;
        }

        return TryLoadFull(cache, atOnce: false) || TryRefill(cache) || TryLoadFull(cache, atOnce: true);
    }

    private unsafe bool TryLoadFull(ThreadCache cache, bool atOnce)
    {
        Magazine* full = Depot.TradeForFull(cache.Shelf, cache.Loaded, atOnce);
        if (full == null)
        {
            return false;
        }

        cache.Load(full);
        return true;
    }

    private unsafe bool TryRefill(ThreadCache cache)
    {
        if (cache.Loaded == null)
        {
            Magazine* empty = Depot.TryGetEmpty();
            if (empty == null)
            {
                return false;
            }

            cache.Load(empty);
        }

        int got = Node.Take(Magazine.Rounds(cache.Loaded), cache.NextRefill());
        cache.Arm(got);
        return got > 0;
    }

    /// <summary>Owner, under the gate, the loaded magazine full or absent: loads one with room.</summary>
    private unsafe bool TryMakeRoom(ThreadCache cache, ref (SlabFault Fault, nint Address) found)
    {
        Magazine* previous = cache.Previous, empty;
        if (cache.Loaded == null)
        {
            empty = Depot.TryGetEmpty();
        }
        else if (previous != null && previous->Count == 0)
        {
            cache.Swap();
            return true;
        }
        else if (previous == null)
        {
            empty = Depot.TryGetEmpty();
            if (empty != null)
            {
                cache.Previous = cache.Unload();
            }
        }
        else
        {
            empty = Depot.TradeForEmpty(cache.Shelf, previous);
            empty = empty == null ? previous : empty; // no memory for an empty one: this one must become it
            if (empty->Count > 0)
            {
                found = First(found, Empty(empty));
            }

            cache.Previous = cache.Unload();
        }

        if (empty == null)
        {
            return false;
        }

        cache.Load(empty);
        return true;
    }

    /// <summary>Puts a magazine's objects into the slabs.</summary>
    private unsafe (SlabFault Fault, nint Address) Empty(Magazine* full)
    {
        (SlabFault Fault, nint Address) found = Node.Give(Magazine.Objects(full));
        full->Count = 0;
        return found;
    }

    /// <summary>Takes objects past all magazines; all or none.</summary>
    public unsafe bool TryTakeFromSlabs(Span<nint> addresses)
    {
        ThrowIfClosed();
        int taken;
        fixed (nint* first = addresses)
        {
            taken = Node.Take(first, addresses.Length);
        }

        if (taken == addresses.Length)
        {
            return true;
        }

        Node.Give(addresses[..taken]);
        addresses.Clear();
        return false;
    }

    /// <summary>After the work is done: throws what it found, or what was found where nobody could be told.</summary>
    private void ThrowFound((SlabFault Fault, nint Address) found)
    {
        if (ToError(found) is { } error)
        {
            throw error;
        }

        ThrowPending();
    }

    public SlabException? ToError((SlabFault Fault, nint Address) found) =>
        found.Fault == SlabFault.None ? null : Throw.Fault(Node, found.Fault, found.Address, IsChecked);

    private static (SlabFault Fault, nint Address) First((SlabFault Fault, nint Address) first, (SlabFault Fault, nint Address) second) =>
        first.Fault == SlabFault.None ? second : first;
}
