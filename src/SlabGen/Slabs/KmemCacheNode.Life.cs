namespace SlabGen.Slabs;

// Slabs whose objects are constructed and destructed: by users' code, which runs without any lock. So such a slab is
// constructed before it is on a list, and destructed after it has left them (KmemCacheNode.Leaving.cs).
internal sealed partial class KmemCacheNode
{
    [ThreadStatic]
    private static KmemCacheNode? t_constructing;

    private readonly SlabLife? _life;

    /// <summary>Whether new slabs must be asked for with <see cref="TryGrowFor"/>, where no lock is held.</summary>
    public bool HasLife => _life is not null;

    /// <summary>Whether the last slab was given up because its constructor refused; for the text of an error.</summary>
    public bool ConstructorRefused { get; private set; }

    /// <summary>Makes slabs until so many objects are free. The caller holds no lock.</summary>
    /// <param name="wanted">How many.</param>
    /// <param name="gfp">Whether the pages may come out of the reserve.</param>
    /// <param name="node">The node on which they must lie, or -1.</param>
    /// <returns><see langword="false"/> when memory has run out, or the constructor refuses.</returns>
    /// <exception cref="InvalidOperationException">A constructor of this cache allocates from it.</exception>
    public bool TryGrowFor(int wanted, GfpFlags gfp, int node)
    {
        if (t_constructing == this)
        {
            throw new InvalidOperationException($"Cache '{Name}': its constructor allocates from it, which would never end.");
        }

        KmemCacheNode? outer = t_constructing;
        t_constructing = this;
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
            t_constructing = outer;
        }
    }

    private unsafe bool TryGrowConstructed(GfpFlags gfp, int node)
    {
        Slab* slab;
        using (_listLock.Hold())
        {
            slab = _closed ? null : TryMakeSlab(gfp, node);
            _inHands += slab == null ? 0 : 1;
        }

        if (slab == null)
        {
            return false;
        }

        int constructed = 0;
        bool complete = false;
        try
        {
            _life!.Construct(slab->Memory, slab->Objects, Layout.Size, ref constructed);
            complete = constructed == slab->Objects;
        }
        finally
        {
            ConstructorRefused = !complete;
            if (!complete || !TryAddConstructed(slab))
            {
                // Also on the way of an exception, which then comes out; one of the destructors would hide it.
                Destruct(slab, constructed);
                GiveBackFromHands(slab);
                Interlocked.Add(ref _refusedSlabs, complete ? 0 : 1);
            }
        }

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
                _inHands--;
            }

            return !_closed;
        }
    }
}
