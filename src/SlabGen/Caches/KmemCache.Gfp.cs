using System.Runtime.CompilerServices;
using SlabGen.CompilerServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Slabs;

namespace SlabGen;

// Allocations that say what may be done to serve them, and on which node of the machine.
public sealed partial class KmemCache
{
    /// <summary>Takes an object (<c>kmem_cache_alloc</c>, <c>kmem_cache_alloc_node</c>).</summary>
    /// <param name="gfp">
    /// What may be done to have it. Without <see cref="GfpFlags.DirectReclaim"/> (<see cref="GfpFlags.Atomic"/>,
    /// <see cref="GfpFlags.NoWait"/>) nothing is reclaimed and no user code runs. A cache with a constructor can then only return objects
    /// that already exist. <see cref="GfpFlags.NoRetry"/> reclaims once.
    /// <see cref="GfpFlags.NoFail"/> waits until somebody frees an object, even if a constructor refuses. It waits for ever if wasted bytes
    /// in slabs, or their descriptors, leave no room under a limit. It fails at once only if the objects' own bytes exceed a limit.
    /// <see cref="GfpFlags.Zero"/> clears the object.
    /// </param>
    /// <param name="node">
    /// The node on which it should lie, from 0 to <see cref="PageAllocator.NodeCount"/> - 1; elsewhere if that node has none, except with
    /// <see cref="GfpFlags.ThisNode"/>. -1 for any node, and with <see cref="GfpFlags.ThisNode"/> for that of the calling thread. Magazines
    /// do not know nodes: where there is
    /// more than one, asking for one goes past them to the slabs.
    /// </param>
    /// <returns>The address of the object, never 0.</returns>
    /// <exception cref="ArgumentException">The flags contradict themselves, or name a zone: that of a cache is
    /// <see cref="SlabCacheOptions.Zone"/> (<c>GFP_SLAB_BUG_MASK</c>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="InvalidOperationException"><see cref="GfpFlags.Zero"/>, for a cache with a constructor: clearing would undo its
    /// work.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory that the request may have.</exception>
    /// <exception cref="SlabException">A bad pointer that was freed before has been found; no object was taken.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public nint Alloc(GfpFlags gfp, int node = -1) => Alloc(ref ThreadSlots.Slot(Id), gfp, node);

    /// <summary>Takes an object, if there is one that the request may have.</summary>
    /// <param name="gfp">What may be done to have it.</param>
    /// <param name="address">The object, or 0.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    /// <returns><see langword="false"/> where <see cref="Alloc(GfpFlags, int)"/> would throw <see cref="OutOfMemoryException"/>.</returns>
    /// <inheritdoc cref="Alloc(GfpFlags, int)"/>
    public bool TryAlloc(GfpFlags gfp, out nint address, int node = -1) => TryAlloc(ref ThreadSlots.Slot(Id), gfp, out address, node);

    /// <summary>Takes as many objects as the span holds, or none (<c>kmem_cache_alloc_bulk</c>).</summary>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="gfp">What may be done to have them.</param>
    /// <inheritdoc cref="Alloc(GfpFlags, int)"/>
    public void AllocBulk(Span<nint> addresses, GfpFlags gfp) => AllocBulk(ref ThreadSlots.Slot(Id), addresses, gfp);

    /// <summary>For generated code: <see cref="Alloc(GfpFlags, int)"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="gfp">What may be done to have the object.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    internal nint Alloc(ref ThreadCache? slot, GfpFlags gfp, int node = -1)
    {
        if (!TryAlloc(ref slot, gfp, out nint address, node))
        {
            Throw.OutOfMemory(_slabs, 1, gfp, _slabs.Pages.NodeOf(gfp, node));
        }

        return address;
    }

    /// <summary>For generated code: <see cref="TryAlloc(GfpFlags, out nint, int)"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="gfp">What may be done to have the object.</param>
    /// <param name="address">The object, or 0.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    internal bool TryAlloc(ref ThreadCache? slot, GfpFlags gfp, out nint address, int node = -1)
    {
        node = Check(gfp, node);
        if ((node >= 0 || slot is not { } cache || !cache.TryAllocAnywhere(out address)) && !TryAllocSlow(ref slot, gfp, out address, node))
        {
            return false;
        }

        if ((gfp & GfpFlags.Zero) != 0 || _zeroing == SlabZeroing.OnAlloc)
        {
            Clear(address);
        }

        return true;
    }

    /// <summary>Takes as many objects as the span holds, if there are so many.</summary>
    /// <param name="addresses">Receives the objects; cleared when there are too few.</param>
    /// <returns><see langword="false"/> where <see cref="AllocBulk(Span{nint})"/> would throw <see cref="OutOfMemoryException"/>: then none was taken.</returns>
    /// <inheritdoc cref="AllocBulk(Span{nint})"/>
    public bool TryAllocBulk(Span<nint> addresses) => TryAllocBulk(ref ThreadSlots.Slot(Id), addresses, GfpFlags.Kernel);

    /// <summary>Takes as many objects as the span holds, if there are so many that the request may have.</summary>
    /// <param name="addresses">Receives the objects; cleared when there are too few.</param>
    /// <param name="gfp">What may be done to have them.</param>
    /// <returns><see langword="false"/> where <see cref="AllocBulk(Span{nint}, GfpFlags)"/> would throw <see cref="OutOfMemoryException"/>: then none was taken.</returns>
    /// <inheritdoc cref="Alloc(GfpFlags, int)"/>
    public bool TryAllocBulk(Span<nint> addresses, GfpFlags gfp) => TryAllocBulk(ref ThreadSlots.Slot(Id), addresses, gfp);

    /// <summary>For generated code: <see cref="TryAllocBulk(Span{nint})"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    internal bool TryAllocBulk(ref ThreadCache? slot, Span<nint> addresses) => TryAllocBulk(ref slot, addresses, GfpFlags.Kernel);

    /// <summary>For generated code: <see cref="AllocBulk(Span{nint}, GfpFlags)"/>.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="gfp">What may be done to have them.</param>
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
        bool taken = (node < 0 && _magazines.TryPopAll(slot, addresses)) || TryAllocBulk(ref slot, addresses, gfp, node);
        WakeIfAllowed(gfp);
        if (!taken)
        {
            addresses.Clear(); // whatever was in it, or was taken and given back, is nothing of the caller's
        }
        else if ((gfp & GfpFlags.Zero) != 0 || _zeroing == SlabZeroing.OnAlloc)
        {
            foreach (nint address in addresses)
            {
                Clear(address);
            }
        }

        return taken;
    }

    /// <summary>Refuses what no request for objects may say.</summary>
    /// <returns>The node that the request asks for, or -1.</returns>
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

        bool taken = (node < 0 && _magazines.TryAlloc(ref slot, out address)) || TryAllocBulk(ref slot, new Span<nint>(ref address), gfp, node);
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

    /// <summary>Takes as many objects as the span holds, or none: from the magazines, from the slabs, and from what reclaim frees.</summary>
    /// <param name="slot">The calling thread's slot for this cache.</param>
    /// <param name="addresses">Receives the objects.</param>
    /// <param name="gfp">What may be done to have them; valid.</param>
    /// <param name="node">What <see cref="PageAllocator.NodeOf"/> says.</param>
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

            return CountFailure(); // more than there can ever be: no reason to trouble the other caches, nor to wait
        }

        // A node that is wanted, but need not be, is asked for what can be had without reclaim.
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
            // No lock is held here: the reclaimer takes every cache's in turn. Then straight from the slabs, also without
            // progress: another thread may have reclaimed just before, and pages that are too few for a slab and a
            // magazine may do for a slab.
            SlabLimit limit = _slabs.LimitMetBy(addresses.Length);
            bool progress = loop.MayReclaim && (limit != SlabLimit.None
                ? ReclaimWithin(limit)
                : _slabs.Pages.Reclaimer?.Reclaim(gfp, Page.Count((long)addresses.Length * SlotSize)) == true);
            taken = _magazines.TryTakeFromSlabs(addresses, gfp, node) || ((progress || noFail) && TryTake(ref slot, addresses, gfp, node));
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

                return CountFailure();
            }
        }

        return true;
    }

    /// <summary>What can be had without reclaim: of the magazines where no node is asked for, of the slabs, and of new slabs.</summary>
    private bool TryTake(ref ThreadCache? slot, Span<nint> addresses, GfpFlags gfp, int node)
    {
        while (node < 0 ? !_magazines.TryAllocBulk(ref slot, addresses) : !_magazines.TryTakeFromSlabs(addresses, gfp, node))
        {
            // Users' code, which a request that may not wait does not run. Another thread may take the new objects first.
            if ((gfp & GfpFlags.DirectReclaim) == 0 || !_slabs.HasLife || !_slabs.TryGrowFor(addresses.Length, gfp, node))
            {
                return false;
            }
        }

        return true;
    }
}
