using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Slabs;

namespace SlabGen;

// Allocations with flags that say what the call may do to succeed, and with the node of the machine to allocate on.
public sealed partial class KmemCache
{
    /// <summary>Takes an object with flags (<c>kmem_cache_alloc</c>, <c>kmem_cache_alloc_node</c>).</summary>
    /// <param name="gfp">
    /// What the call may do to get it. Without <see cref="GfpFlags.DirectReclaim"/> (<see cref="GfpFlags.Atomic"/>,
    /// <see cref="GfpFlags.NoWait"/>) nothing is reclaimed and no user code runs. A cache with a constructor can then
    /// only return objects that already exist. <see cref="GfpFlags.NoRetry"/> reclaims once.
    /// <see cref="GfpFlags.NoFail"/> waits until another thread frees an object, even if a constructor refuses. It
    /// waits for ever if wasted bytes in slabs, or their descriptors, leave no room under a limit. It fails at once
    /// only if the objects' own bytes exceed a limit. <see cref="GfpFlags.Zero"/> clears the object.
    /// </param>
    /// <param name="node">
    /// The node on which it should lie, from 0 to <see cref="PageAllocator.NodeCount"/> - 1; -1 for any node. If the
    /// node has no object, another node serves, except with <see cref="GfpFlags.ThisNode"/>. -1 with
    /// <see cref="GfpFlags.ThisNode"/> means the node of the calling thread. Magazines do not know nodes. If there are
    /// several nodes, a request for one goes past the magazines to the slabs.
    /// </param>
    /// <returns>The address of the object, never 0.</returns>
    /// <exception cref="ArgumentException">The flags contradict themselves, or name a zone. The zone of a cache is
    /// <see cref="SlabCacheOptions.Zone"/> (<c>GFP_SLAB_BUG_MASK</c>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="InvalidOperationException"><see cref="GfpFlags.Zero"/> is set, and the cache has a constructor,
    /// whose work clearing would undo.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory that the flags permit.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was
    /// taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public nint Alloc(GfpFlags gfp, int node = -1) => Alloc(ref ThreadSlots.Slot(Id), gfp, node);

    /// <summary>Takes an object, if there is one that the flags permit.</summary>
    /// <param name="gfp">What the call may do to get it.</param>
    /// <param name="address">The object, or 0.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc(GfpFlags, int)"/> would throw <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <inheritdoc cref="Alloc(GfpFlags, int)"/>
    public bool TryAlloc(GfpFlags gfp, out nint address, int node = -1) =>
        TryAlloc(ref ThreadSlots.Slot(Id), gfp, out address, node);

    /// <summary>Takes as many objects as the span holds, or none (<c>kmem_cache_alloc_bulk</c>).</summary>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="gfp">What the call may do to get them.</param>
    /// <inheritdoc cref="Alloc(GfpFlags, int)"/>
    public void AllocBulk(Span<nint> addresses, GfpFlags gfp) => AllocBulk(ref ThreadSlots.Slot(Id), addresses, gfp);

    /// <summary>Does what <see cref="Alloc(GfpFlags, int)"/> does, with the slot of the generated class.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="gfp">What the call may do to get the object.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    internal nint Alloc(ref ThreadCache? slot, GfpFlags gfp, int node = -1)
    {
        if (!TryAlloc(ref slot, gfp, out nint address, node))
        {
            Throw.OutOfMemory(_slabs, 1, gfp, _slabs.Pages.NodeOf(gfp, node));
        }

        return address;
    }

    /// <summary>
    /// Does what <see cref="TryAlloc(GfpFlags, out nint, int)"/> does, with the slot of the generated class.
    /// </summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="gfp">What the call may do to get the object.</param>
    /// <param name="address">The object, or 0.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    internal bool TryAlloc(ref ThreadCache? slot, GfpFlags gfp, out nint address, int node = -1)
    {
        node = Check(gfp, node);
        ThreadCache? cache = _states is null ? slot : ThreadSlots.Peek(_magazines.HiddenSlot);
        if ((node >= 0 || cache is null || !cache.TryAllocAnywhere(out address))
            && !TryAllocSlow(ref slot, gfp, out address, node))
        {
            return false;
        }

        Take(address);
        if ((gfp & GfpFlags.Zero) != 0 || _zeroing == SlabZeroing.OnAlloc)
        {
            Clear(address);
        }

        return true;
    }

    /// <summary>Takes as many objects as the span holds, if there are that many.</summary>
    /// <param name="addresses">Receives the objects. It is cleared if there are too few.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocBulk(Span{nint})"/> would throw
    /// <see cref="OutOfMemoryException"/>. Then none was taken.
    /// </returns>
    /// <inheritdoc cref="AllocBulk(Span{nint})"/>
    public bool TryAllocBulk(Span<nint> addresses) =>
        TryAllocBulk(ref ThreadSlots.Slot(Id), addresses, GfpFlags.Kernel);

    /// <summary>Takes as many objects as the span holds, if there are that many and the flags permit it.</summary>
    /// <param name="addresses">Receives the objects. It is cleared if there are too few.</param>
    /// <param name="gfp">What the call may do to get them.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocBulk(Span{nint}, GfpFlags)"/> would throw
    /// <see cref="OutOfMemoryException"/>. Then none was taken.
    /// </returns>
    /// <inheritdoc cref="Alloc(GfpFlags, int)"/>
    public bool TryAllocBulk(Span<nint> addresses, GfpFlags gfp) =>
        TryAllocBulk(ref ThreadSlots.Slot(Id), addresses, gfp);

    /// <summary>Does what <see cref="TryAllocBulk(Span{nint})"/> does, with the slot of the generated class.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    internal bool TryAllocBulk(ref ThreadCache? slot, Span<nint> addresses) =>
        TryAllocBulk(ref slot, addresses, GfpFlags.Kernel);

    /// <summary>
    /// Does what <see cref="AllocBulk(Span{nint}, GfpFlags)"/> does, with the slot of the generated class.
    /// </summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="gfp">What the call may do to get them.</param>
    internal void AllocBulk(ref ThreadCache? slot, Span<nint> addresses, GfpFlags gfp)
    {
        if (!TryAllocBulk(ref slot, addresses, gfp))
        {
            Throw.OutOfMemory(_slabs, addresses.Length, gfp, _slabs.Pages.NodeOf(gfp, -1));
        }
    }

    private bool TryAllocBulk(ref ThreadCache? slot, Span<nint> addresses, GfpFlags gfp)
    {
        int node = Check(gfp, -1);
        bool taken = (node < 0 && (_magazines.TryPopAll(slot, addresses) || TryPopChecked(addresses)))
            || TryAllocBulk(ref slot, addresses, gfp, node);
        WakeIfAllowed(gfp);
        if (!taken)
        {
            addresses.Clear(); // nothing in it, old or given back, is the caller's
            return false;
        }

        Take(addresses);
        if ((gfp & GfpFlags.Zero) != 0 || _zeroing == SlabZeroing.OnAlloc)
        {
            foreach (nint address in addresses)
            {
                Clear(address);
            }
        }

        return true;
    }

    /// <summary>Refuses flags that a request for objects may not have.</summary>
    /// <returns>The requested node, or -1.</returns>
    private int Check(GfpFlags gfp, int node)
    {
        if ((gfp & ~PageAllocator.Plain) == 0 && node == -1)
        {
            return -1;
        }

        if ((gfp & PageAllocator.ZoneMask) != 0)
        {
            throw new ArgumentException(
                $"Cache '{Name}': GfpFlags {gfp} names a zone. That of a cache is its option: SlabCacheOptions.Zone, here {_slabs.Zone}.", nameof(gfp));
        }

        _slabs.Pages.Validate(gfp, ZoneFallback.Strict, node);
        if ((gfp & GfpFlags.Zero) != 0 && _slabs.HasLife)
        {
            Throw.NotZeroed(_slabs);
        }

        return _slabs.Pages.NodeOf(gfp, node);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryAllocSlow(ref ThreadCache? slot, GfpFlags gfp, out nint address, int node)
    {
        address = 0;
        if ((gfp & GfpFlags.NoFail) == 0 && FailsAtOnce(mayWait: (gfp & GfpFlags.DirectReclaim) != 0))
        {
            return false;
        }

        bool taken = (node < 0 && (_slabs.TryTakeGuarded(out address) || _magazines.TryAlloc(ref slot, out address)))
            || TryAllocBulk(ref slot, new Span<nint>(ref address), gfp, node);
        WakeIfAllowed(gfp);
        return taken;
    }

    private void WakeIfAllowed(GfpFlags gfp)
    {
        if ((gfp & GfpFlags.BackgroundReclaim) != 0)
        {
            _slabs.Pages.WakeIfWanted();
        }
    }

    private unsafe void Clear(nint address) => new Span<byte>((void*)address, ObjectSize).Clear();

    /// <summary>
    /// Takes as many objects as the span holds, or none: from the magazines, from the slabs, and from what reclaim
    /// frees.
    /// </summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="gfp">What the call may do to get them. Already checked.</param>
    /// <param name="node">The result of <see cref="PageAllocator.NodeOf"/>.</param>
    private bool TryAllocBulk(ref ThreadCache? slot, Span<nint> addresses, GfpFlags gfp, int node)
    {
        if (!FitsTheLimit(addresses.Length))
        {
            _magazines.ThrowIfClosed();
            if (!_slabs.Quota.CanHave(addresses.Length) && (gfp & GfpFlags.DirectReclaim) != 0)
            {
                WarnOf(SlabLimit.Cache);
            }
            else if (!_slabs.AccountCanHave(addresses.Length))
            {
                _slabs.Quota.Account!.CountFailure();
            }

            return CountFailure(NeverWithin(addresses.Length), addresses.Length); // no reason to wait, nor for others
        }

        // A node that is preferred but not required is asked only for what can be had without reclaim.
        if (node >= 0 && (gfp & GfpFlags.ThisNode) == 0)
        {
            if (TryTake(ref slot, addresses, gfp, node))
            {
                return true;
            }

            node = -1;
        }

        bool mayWait = (gfp & GfpFlags.DirectReclaim) != 0, noFail = (gfp & GfpFlags.NoFail) != 0;
        var loop = new ReclaimLoop(gfp);
        bool taken = TryTake(ref slot, addresses, gfp, node);
        while (!taken)
        {
            // No lock is held here, because the reclaimer takes every cache's in turn. Then try the slabs directly,
            // even without progress: another thread may have reclaimed just before, and the remaining pages may suffice
            // for a slab though not for a slab and a magazine.
            SlabLimit limit = _slabs.LimitMetBy(addresses.Length);
            bool progress = loop.MayReclaim && (limit != SlabLimit.None
                ? ReclaimWithin(limit)
                : _slabs.Pages.Reclaimer?.Reclaim(gfp, Page.Count((long)addresses.Length * SlotSize)) == true);
            taken = _magazines.TryTakeFromSlabs(addresses, gfp, node)
                || ((progress || noFail) && TryTake(ref slot, addresses, gfp, node));
            if (!taken && !progress && mayWait)
            {
                WarnOf(limit);
            }

            // The account's limit may have fallen meanwhile, or slabs gone.
            if (!taken && !loop.GoesOn(progress, canBeHad: FitsTheLimit(addresses.Length)))
            {
                if (limit == SlabLimit.Account || !_slabs.AccountCanHave(addresses.Length))
                {
                    _slabs.Quota.Account!.CountFailure();
                }

                return CountFailure(limit, addresses.Length);
            }
        }

        return true;
    }

    /// <summary>
    /// Takes what can be had without reclaim: from the magazines if no node is requested, from the slabs, and from new
    /// slabs.
    /// </summary>
    private bool TryTake(ref ThreadCache? slot, Span<nint> addresses, GfpFlags gfp, int node)
    {
        while (node < 0
            ? !_magazines.TryAllocBulk(ref slot, addresses) : !_magazines.TryTakeFromSlabs(addresses, gfp, node))
        {
            // A request that may not wait runs no user code. Another thread may take the new objects first.
            if ((gfp & GfpFlags.DirectReclaim) == 0 || !_slabs.HasLife
                || !_slabs.TryGrowFor(addresses.Length, gfp, node))
            {
                return false;
            }
        }

        return true;
    }
}
