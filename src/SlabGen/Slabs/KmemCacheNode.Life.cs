using System.Runtime.ExceptionServices;

namespace SlabGen.Slabs;

// Slabs whose objects are constructed and destructed: by users' code, which runs without any lock. So such a slab is
// constructed before it is on a list, and destructed after it has left them.
internal sealed partial class KmemCacheNode
{
    [ThreadStatic]
    private static KmemCacheNode? t_constructing;

    private readonly SlabLife? _life;
    private unsafe Slab* _doomed; // empty slabs off the lists, by Next; under the list lock
    private int _doomedSlabs; // written under the list lock

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

    /// <summary>Destructs the slabs that left the lists, and gives their pages back. The caller holds no lock.</summary>
    /// <exception cref="Exception">What a destructor threw first; every slab was given back all the same.</exception>
    public void FinishReleases()
    {
        if (FinishReleasesQuietly() is { } failure)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <inheritdoc cref="FinishReleases"/>
    /// <returns>What a destructor threw first.</returns>
    public unsafe Exception? FinishReleasesQuietly()
    {
        Exception? failure = null;
        while (Volatile.Read(ref _doomedSlabs) > 0)
        {
            Slab* slab;
            using (_listLock.Hold())
            {
                slab = _doomed;
                if (slab == null)
                {
                    break;
                }

                _doomed = slab->Next;
                _doomedSlabs--;
            }

            Exception? thrown = _life!.Destruct(slab->Memory, slab->Objects, Layout.Size);
            failure ??= thrown;
            using (_listLock.Hold())
            {
                GiveBack(slab); // its frames change: whoever holds the lock may have found the slab by them
            }
        }

        return failure;
    }

    private unsafe bool TryGrowConstructed(GfpFlags gfp, int node)
    {
        Slab* slab;
        using (_listLock.Hold())
        {
            slab = TryMakeSlab(gfp, node);
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
            if (!complete)
            {
                // Also on the way of an exception, which then comes out; one of the destructors would hide it.
                _life!.Destruct(slab->Memory, constructed, Layout.Size);
                using (_listLock.Hold())
                {
                    _refusedSlabs++;
                    GiveBack(slab);
                }
            }
        }

        ConstructorRefused = !complete;
        if (complete)
        {
            using (_listLock.Hold())
            {
                AddSlab(slab);
            }
        }

        return complete;
    }
}
