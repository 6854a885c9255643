using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Allocations that say what may be done to serve them, and on which node of the machine.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Allocates a block, and says what may be done to have it (<c>kmalloc</c>, <c>kmalloc_node</c>).
    /// </summary>
    /// <param name="size">Bytes; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="gfp">
    /// What may be done, as <see cref="KmemCache.Alloc(GfpFlags, int)"/> says, also for blocks of whole pages.
    /// <see cref="GfpFlags.NoFail"/> fails only for more than the memory limit or that of the account.
    /// </param>
    /// <param name="node">The node on which it should lie, or -1. A block that needs a mapping of its own lies on no
    /// certain node; with <see cref="GfpFlags.ThisNode"/> it is refused.</param>
    /// <returns>
    /// The block; its contents are undefined unless <paramref name="gfp"/> has <see cref="GfpFlags.Zero"/>.
    /// </returns>
    /// <exception cref="ArgumentException">The flags contradict themselves, or name a zone: the blocks lie in Normal.
    /// <see cref="PageAllocator.AllocPages"/> and a cache with <see cref="SlabCacheOptions.Zone"/> have the
    /// others.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such node.</exception>
    /// <exception cref="OutOfMemoryException">There is no memory that the request may have.</exception>
    /// <exception cref="ObjectDisposedException">The instance was destroyed, or the runtime disposed.</exception>
    public nint Alloc(nuint size, GfpFlags gfp, int node = -1)
    {
        Check(gfp, node);
        if (IsSmall(size))
        {
            return _caches[KmallocSizes.IndexOf(size)].Alloc(gfp, node);
        }

        if (!TryAllocLarge(size, gfp, node, out nint address))
        {
            Throw.OutOfMemory(Name, Account, _pages, size, gfp);
        }

        return address;
    }

    /// <summary>Allocates a block, if there is one that the request may have.</summary>
    /// <param name="size">Bytes; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="gfp">What may be done to have it.</param>
    /// <param name="address">The block, or 0.</param>
    /// <param name="node">The node on which it should lie, or -1.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="Alloc(nuint, GfpFlags, int)"/> would throw
    /// <see cref="OutOfMemoryException"/>.
    /// </returns>
    /// <inheritdoc cref="Alloc(nuint, GfpFlags, int)"/>
    public bool TryAlloc(nuint size, GfpFlags gfp, out nint address, int node = -1)
    {
        Check(gfp, node);
        return IsSmall(size)
            ? _caches[KmallocSizes.IndexOf(size)].TryAlloc(gfp, out address, node)
            : TryAllocLarge(size, gfp, node, out address);
    }

    /// <summary>
    /// Allocates as many blocks of one size as the span holds, or none, and says what may be done to have them.
    /// </summary>
    /// <param name="size">Bytes of each; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="addresses">Receives the blocks.</param>
    /// <param name="gfp">What may be done to have them.</param>
    /// <exception cref="OutOfMemoryException">There are not so many that the request may have; none was
    /// taken.</exception>
    /// <inheritdoc cref="Alloc(nuint, GfpFlags, int)"/>
    public void AllocBulk(nuint size, Span<nint> addresses, GfpFlags gfp)
    {
        Check(gfp, -1);
        if (IsSmall(size))
        {
            _caches[KmallocSizes.IndexOf(size)].AllocBulk(addresses, gfp);
        }
        else if (!TryAllocBulk(size, addresses, gfp))
        {
            Throw.OutOfMemory(Name, Account, _pages, size, addresses.Length, gfp);
        }
    }

    /// <summary>
    /// Allocates as many blocks of one size as the span holds, if there are so many that the request may have.
    /// </summary>
    /// <param name="size">Bytes of each; 0 gives <see cref="ZeroSizePointer"/>.</param>
    /// <param name="addresses">Receives the blocks; cleared when there are too few.</param>
    /// <param name="gfp">What may be done to have them.</param>
    /// <returns>
    /// <see langword="false"/> where <see cref="AllocBulk(nuint, Span{nint}, GfpFlags)"/> would throw
    /// <see cref="OutOfMemoryException"/>: then none was taken.
    /// </returns>
    /// <inheritdoc cref="Alloc(nuint, GfpFlags, int)"/>
    public bool TryAllocBulk(nuint size, Span<nint> addresses, GfpFlags gfp)
    {
        Check(gfp, -1);
        if (IsSmall(size))
        {
            return _caches[KmallocSizes.IndexOf(size)].TryAllocBulk(addresses, gfp);
        }

        if (!CanHave(size, addresses.Length))
        {
            addresses.Clear();
            return false; // more than there can ever be: no reason to trouble the caches, nor to wait with some in hand
        }

        int taken = 0;
        bool all = false;
        try
        {
            while (taken < addresses.Length && TryAllocLarge(size, gfp, -1, out addresses[taken]))
            {
                taken++;
            }

            all = taken == addresses.Length;
        }
        finally
        {
            if (!all)
            {
                GiveUp(addresses, taken); // also where a shrinker threw: none is taken
            }
        }

        return all;
    }

    /// <summary>
    /// Whether there can ever be so many blocks of whole pages, or of 0 bytes, at once. A refusal by the account is
    /// counted.
    /// </summary>
    private bool CanHave(nuint size, int blocks)
    {
        ThrowIfDestroyed();
        ThrowIfUnmapped();
        if (size == 0 || blocks == 0)
        {
            return true;
        }

        nuint pages = (size - 1) >> Page.Shift; // of each, less one: rounded up without an overflow
        bool fits = pages < (nuint)(_pages.Limit >> Page.Shift) / (uint)blocks;
        if (fits && Account is { } account && pages >= (nuint)(account.Limit >> Page.Shift) / (uint)blocks)
        {
            account.CountFailure();
            fits = false;
        }

        return fits;
    }

    /// <summary>
    /// Whether slabs have several blocks of a size. 0 has none, and larger ones are whole pages.
    /// </summary>
    private static bool IsSmall(nuint size) => size - 1 < KmallocSizes.Largest;

    /// <summary>Refuses what no request for a block may say.</summary>
    private void Check(GfpFlags gfp, int node)
    {
        if ((gfp & ~PageAllocator.Plain) == 0 && node == -1)
        {
            return;
        }

        if ((gfp & PageAllocator.ZoneMask) != 0)
        {
            throw new ArgumentException(
                $"Kmalloc ('{Name}'): GfpFlags {gfp} names a zone, and its blocks lie in {ZoneKind.Normal}. Another zone has SlabRuntime.Pages, or a cache with SlabCacheOptions.Zone.", nameof(gfp));
        }

        _pages.Validate(gfp, ZoneFallback.Strict, node);
    }

    /// <summary>Pages for a block, from what reclaim frees too where the request may wait.</summary>
    /// <returns>0 when there are none.</returns>
    private nint TakePages(long bytes, GfpFlags gfp, int node)
    {
        while (_budget.IsOverBy(bytes) && RelieveDepots())
        {
        }

        nint address = _pages.AllocBytes(bytes, gfp, node);
        for (int round = 0; address == 0; round++)
        {
            bool progress = MayReclaim(gfp, round) && _pages.Reclaimer?.Reclaim(gfp, Page.Count(bytes)) == true;
            // Also without progress: another thread may have reclaimed just before.
            address = _pages.AllocBytes(bytes, gfp, node);
            if (address == 0 && !progress && !MayWaitOn(gfp))
            {
                break;
            }
        }

        if ((gfp & GfpFlags.BackgroundReclaim) != 0)
        {
            _pages.WakeIfWanted();
        }

        return address;
    }

    private bool TryCharge(long bytes, GfpFlags gfp)
    {
        if (Account is null)
        {
            return true;
        }

        bool progress = bytes <= Account.Limit, isMuch = !progress;
        for (int round = 0; !Account.TryCharge(bytes); round++)
        {
            if (isMuch || (!progress && !MayWaitOn(gfp)))
            {
                Account.CountFailure();
                return false;
            }

            // Then once more, also without progress: another thread may have reclaimed just before.
            progress = MayReclaim(gfp, round) && Account.Reclaim();
        }

        return true;
    }

    private static bool MayReclaim(GfpFlags gfp, int round) => (gfp & GfpFlags.DirectReclaim) != 0
        && ((gfp & GfpFlags.NoFail) != 0
            || round < ((gfp & GfpFlags.NoRetry) != 0 ? 1 : PageAllocator.MaxReclaimRetries));

    /// <summary>For a request that must not fail: pauses until somebody may have freed something.</summary>
    /// <returns><see langword="false"/> when the request gives up instead.</returns>
    private bool MayWaitOn(GfpFlags gfp)
    {
        if ((gfp & GfpFlags.NoFail) == 0 || _pages.IsUnmapped || Volatile.Read(ref _destroyed))
        {
            return false;
        }

        UninterruptibleLock.Pause();
        return true;
    }
}
