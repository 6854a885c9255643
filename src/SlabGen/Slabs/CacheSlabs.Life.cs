using SlabGen.Memory;

namespace SlabGen.Slabs;

// Slabs whose objects are constructed and destructed by users' code, which runs without any lock. So such a slab is
// constructed before it is on a list, and destructed after it has left the lists (CacheSlabs.Detached.cs).
internal sealed partial class CacheSlabs
{
    // The caches whose constructors or destructors the calling thread is in. A constructor may use another cache, which
    // has its own.
    [ThreadStatic]
    private static List<CacheSlabs>? t_constructing, t_destructing;

    /// <summary>Whether new slabs must be requested with <see cref="TryGrowFor"/>, without holding a lock.</summary>
    public bool HasLife => _life is not null;

    /// <summary>Makes slabs until so many objects are free. The caller holds no lock.</summary>
    /// <param name="wanted">How many.</param>
    /// <param name="gfp">Whether the pages may come out of the reserve.</param>
    /// <param name="node">The node on which they must lie, or -1.</param>
    /// <returns><see langword="false"/> when memory has run out, or the constructor refuses.</returns>
    /// <exception cref="InvalidOperationException">A constructor of this cache allocates from it.</exception>
    public bool TryGrowFor(int wanted, GfpFlags gfp, int node)
    {
        List<CacheSlabs> constructing = t_constructing ??= [];
        if (constructing.Contains(this))
        {
            throw new InvalidOperationException($"Cache '{Name}': its constructor allocates from it, perhaps through another cache's constructor, which would never end.");
        }

        constructing.Add(this);
        try
        {
            bool grew = false;
            while (CountFree(node) < wanted && LimitMetBy(wanted) != SlabLimit.Cache && !_closed)
            {
                if (!TryGrowConstructed(gfp, node))
                {
                    return false;
                }

                grew = true;
            }

            return grew;
        }
        finally
        {
            constructing.RemoveAt(constructing.Count - 1);
        }
    }

    private unsafe bool TryGrowConstructed(GfpFlags gfp, int node)
    {
        Slab* slab;
        ConstructorRefused = false;
        PrepareToDestruct();
        using (_listLock.Hold())
        {
            slab = _closed ? null : TryMakeSlab(Layout.Order, gfp, node);
            if (slab == null)
            {
                return false;
            }

            _detached.Hold();
        }

        int constructed = 0;
        FoundErrors found = default;
        try
        {
            _life!.Construct(slab->Memory, slab->Objects, Layout.Size, ref constructed);
            ConstructorRefused = constructed < slab->Objects;
        }
        catch (Exception thrown)
        {
            found.Add(thrown); // thrown below, once the slab is given up
        }

        bool complete = constructed == slab->Objects;
        if (!complete || !TryAddConstructed(slab))
        {
            Destruct(slab, constructed, ref found);
            DiscardHeld(slab);
            Interlocked.Add(ref _refusedSlabs, complete ? 0 : 1);
        }

        found.ThrowFirst(later: Pending);
        return complete;
    }

    /// <returns><see langword="false"/> when the cache was destroyed meanwhile.</returns>
    private unsafe bool TryAddConstructed(Slab* slab)
    {
        using (_listLock.Hold())
        {
            if (!_closed)
            {
                AddSlab(slab);
                _detached.LetGo();
            }

            return !_closed;
        }
    }
}
