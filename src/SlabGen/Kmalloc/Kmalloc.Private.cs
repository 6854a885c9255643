using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Instances with caches of their own (kmem_buckets_create).
public sealed partial class Kmalloc
{
    private const int ReportedAddresses = 16;

    /// <summary>
    /// Ends the use of a private instance: its caches are destroyed, as by <see cref="KmemCache.Destroy"/>, and every
    /// later allocation throws. Blocks that no cache has (<see cref="Kmalloc"/>) and that are still live stay, and can
    /// be freed by any other instance of the runtime.
    /// </summary>
    /// <returns>Which blocks were never freed.</returns>
    /// <exception cref="InvalidOperationException">This is <see cref="SlabRuntime.Kmalloc"/>, which serves the whole
    /// runtime. Or the calling thread is inside a read-side section of <see cref="Rcu"/>, for whose end it might wait:
    /// nothing was done.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; everything was destroyed all the
    /// same.</exception>
    /// <exception cref="AggregateException">More than one error was found.</exception>
    /// <exception cref="ObjectDisposedException">It was destroyed before.</exception>
    public LeakReport Destroy()
    {
        if (!_isPrivate)
        {
            throw new InvalidOperationException("SlabRuntime.Kmalloc serves the whole runtime and cannot be destroyed alone.");
        }

        Rcu.ThrowIfReading($"Kmalloc ('{Name}'): Destroy");
        if (Interlocked.Exchange(ref _destroyed, true))
        {
            Throw.Destroyed(Name);
        }

        FoundErrors errors = default;
        nint[] large = _owners.Of(this);
        long live = large.Length;
        var addresses = new List<nint>(large.Take(ReportedAddresses));
        foreach (KmemCache cache in _caches)
        {
            cache.TryDestroy(out FoundErrors found);
            errors.AddAll(found);
            LeakReport leak = cache.WaitForLeak();
            live += leak.LiveObjects;
            addresses.AddRange(leak.Addresses.Take(ReportedAddresses - addresses.Count));
        }

        errors.ThrowAll();
        return new LeakReport(Name, live, addresses);
    }

    /// <summary>Takes whole pages, charged to the account.</summary>
    /// <returns>0 when there are none, or the account has no room for them.</returns>
    private nint TryAllocOwned(nuint size, GfpFlags gfp, int node)
    {
        long bytes = Page.RoundUp((long)size, Page.Size);
        if (!TryCharge(bytes, gfp))
        {
            return 0;
        }

        // Reclaim runs users' shrinkers, and the table of owners may find no memory to grow: whatever is thrown, the
        // charge goes back.
        nint address = 0;
        bool isOwned = false;
        try
        {
            address = TakePages((long)size, gfp, node);
            if (address != 0 && _isPrivate)
            {
                _owners.Add(address, this, bytes);
            }

            isOwned = address != 0;
        }
        finally
        {
            if (!isOwned)
            {
                Account?.Discharge(bytes);
                if (address != 0)
                {
                    _pages.TryFreeBytes(address);
                }
            }
        }

        return address;
    }

    /// <summary>For what no cache refuses: whole pages, and nothing.</summary>
    private void ThrowIfDestroyed()
    {
        if (Volatile.Read(ref _destroyed))
        {
            throw new ObjectDisposedException(Name, $"Kmalloc ('{Name}') was destroyed.");
        }

        if (_table.IsClosed)
        {
            throw new ObjectDisposedException(Name, $"Kmalloc ('{Name}'): its runtime was disposed.");
        }
    }

    /// <summary>Frees a block of whole pages, of whichever instance.</summary>
    private bool TryFreeLarge(nint address)
    {
        bool owned = _owners.TryTake(address, out (Kmalloc Owner, long Bytes) block);
        bool freed = _pages.TryFreeBytes(address);
        if (owned)
        {
            block.Owner.Account?.Discharge(block.Bytes);
        }

        return freed;
    }
}
