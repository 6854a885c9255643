using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using SlabGen.Memory;
using SlabGen.Zones;

namespace SlabGen;

// What the layers above use of the page layer: blocks without reclaim, addresses and their frames, giving memory back.
public sealed partial class PageAllocator
{
    /// <summary>The index of the node that the calling thread runs on, for now.</summary>
    internal int CurrentNode() => NodeCount == 1 ? 0 : _topology.CurrentNode();

    /// <summary>Takes a block for the layers above, which reclaim by themselves when they hold no lock.</summary>
    /// <remarks>
    /// A full GC heap is as good as no pages: the callers hold locks and objects, and know what to do without pages. An
    /// exception would leave a free half done.
    /// </remarks>
    /// <returns><see langword="false"/> when there is none without reclaim.</returns>
    internal bool TryAllocBlock(uint pages, ZoneKind kind, ZoneFallback fallback, [NotNullWhen(true)] out Zone? zone, out uint block, GfpFlags gfp = GfpFlags.Kernel, int node = -1)
    {
        try
        {
            if (!TryOnce(Lists(kind, fallback, node, (gfp & GfpFlags.ThisNode) != 0), pages, kind, gfp, out zone, out block, out _))
            {
                return false;
            }
        }
        catch (OutOfMemoryException)
        {
            (zone, block) = (null, PageFrame.None);
            return false;
        }

        return zone.IsMapped || PrepareOrFree(zone, block, pages, map: true, clear: false) is null;
    }

    /// <summary>Gives a block back.</summary>
    /// <exception cref="InvalidOperationException">No allocated block starts there; or it is mapped, or others hold references to it.</exception>
    internal unsafe void FreeBlock(Zone zone, uint block)
    {
        PageFrame* head = zone.Frame(block);
        if (!zone.IsMapped && IsUserBlock(head) && head->Count == 1 && !zone.Kmap!.TryForget(block, head->Pages))
        {
            throw zone.NotFreeable(block);
        }

        int order = head->Order;
        if (order <= PageSet.MaxOrder && head->Pages == 1u << order && head->Flags == PageFlags.Head && Interlocked.CompareExchange(ref head->Count, 0, 1) == 1)
        {
            if (!zone.CurrentSet.TryFree(order, block))
            {
                zone.FreeReferenceless(block);
            }
        }
        else
        {
            zone.Free(block);
        }
    }

    /// <summary>Has the next allocation wake whoever waits for memory to be taken.</summary>
    internal void HearOfMemory() => Volatile.Write(ref _wakeWanted, true);

    /// <summary>
    /// After an allocation, where no lock is held: wakes background reclaim if a zone fell under its low watermark, and the clocks if
    /// they rest because the runtime held nothing.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WakeIfWanted()
    {
        if (Volatile.Read(ref _wakeWanted))
        {
            Wake();
        }
    }

    /// <summary>
    /// Whether background reclaim may rest: since every kind of request that found all of its zones below their low watermarks
    /// would find one above its high watermark (<c>pgdat_balanced</c>). What nobody has asked for is not short.
    /// </summary>
    internal bool IsBalanced
    {
        get
        {
            int wanted = Volatile.Read(ref _shortKinds);
            for (ZoneKind kind = ZoneKind.Dma; wanted != 0 && kind <= ZoneKind.HighMem; kind++)
            {
                int bit = 1 << (int)kind;
                if ((wanted & bit) != 0 && IsBalancedFor(kind))
                {
                    Interlocked.And(ref _shortKinds, ~bit);
                    wanted &= ~bit;
                }
            }

            return wanted == 0;
        }
    }

    /// <summary>Whether a request for Normal, which can have nearly all that there is, would find plenty: then at most low addresses are
    /// short, and shrinkers, who do not know where their objects lie, are left alone.</summary>
    internal bool HasPlenty => IsBalancedFor(ZoneKind.Normal);

    private bool IsBalancedFor(ZoneKind kind)
    {
        foreach (Zone zone in _zones.All) // without garbage, as who is refused asks too
        {
            if (zone.Kind <= kind && zone.IsOk(order: 0, zone.HighWatermark, kind, GfpFlags.None))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the pages that wait in page sets back to their zones.</summary>
    internal long DrainPageSets() => DrainPageSets(_zones.All);

    /// <summary>Those of some zones. Without garbage: a request that fails comes here, again and again perhaps.</summary>
    private static long DrainPageSets(Zone[] zones)
    {
        long pages = 0;
        foreach (Zone zone in zones)
        {
            pages += zone.DrainPageSets();
        }

        return pages;
    }

    /// <summary>The frame of the page that holds an address.</summary>
    internal unsafe bool TryGetFrame(nint address, [NotNullWhen(true)] out Zone? zone, out PageFrame* frame)
    {
        zone = Normal;
        if (zone.TryGetFrame(address, out frame))
        {
            return true;
        }

        foreach (Zone other in _zones.All)
        {
            if (other.TryGetFrame(address, out frame))
            {
                zone = other;
                return true;
            }
        }

        return false;
    }

    /// <summary>The frame of a page that is known to be one of this runtime.</summary>
    /// <exception cref="UnreachableException">It is not: rather the end of the call than a write to some other frame.</exception>
    internal unsafe PageFrame* FrameOf(nint address, out Zone zone)
    {
        if (!TryGetFrame(address, out Zone? found, out PageFrame* frame))
        {
            throw new UnreachableException($"0x{address:x} should lie in a page of this runtime, and lies in none.");
        }

        zone = found;
        return frame;
    }

    /// <summary>
    /// Takes whole pages for <paramref name="bytes"/>, at least 1: a block; or a mapping of its own, beyond the largest block and where
    /// the free pages do not lie in one piece (<c>kvmalloc</c>).
    /// </summary>
    /// <returns>The address, or 0 when there is none without reclaim.</returns>
    internal nint AllocBytes(long bytes, GfpFlags gfp = GfpFlags.Kernel, int node = -1)
    {
        if (bytes <= LargestBlock && TryAllocBlock((uint)Page.Count(bytes), ZoneKind.Normal, ZoneFallback.Strict, out Zone? zone, out uint block, gfp, node))
        {
            return zone.Address(block);
        }

        // A mapping lies on whichever nodes touch it, and there half of the reserve is for urgent requests as well.
        bool mayMap = bytes > Page.Size && !FailsPages && (NodeCount == 1 || (gfp & GfpFlags.ThisNode) == 0);
        return mayMap ? _large.Alloc(bytes, (gfp & GfpFlags.HighPriority) != 0 ? Normal.MinWatermark / 2 : Normal.MinWatermark) : 0;
    }

    /// <summary>The bytes of the block that starts at an address, or 0 when no allocated block does.</summary>
    internal unsafe long SizeOf(nint address)
    {
        // A mapping of its own may lie in a hole of a zone: no frame there is in use.
        return !TryGetFrame(address, out _, out PageFrame* frame) || frame->Flags == PageFlags.None ? _large.SizeOf(address)
            : (address & (Page.Size - 1)) == 0 && IsUserBlock(frame) ? (long)frame->Pages << Page.Shift
            : 0;
    }

    /// <summary>Gives back what <see cref="AllocBytes"/> returned.</summary>
    /// <returns><see langword="false"/> when no allocated block starts at the address.</returns>
    internal unsafe bool TryFreeBytes(nint address)
    {
        if (TryGetFrame(address, out Zone? zone, out PageFrame* frame) && frame->Flags != PageFlags.None)
        {
            return (address & (Page.Size - 1)) == 0 && (TryFreeToSet(zone, frame) || zone.TryFree(zone.IndexOf(frame), PageFlags.Head, out _));
        }

        return _large.Free(address) > 0;
    }

    /// <summary>Lets a user's block wait in the page set of this processor, if it may.</summary>
    private static unsafe bool TryFreeToSet(Zone zone, PageFrame* head)
    {
        int order = head->Order;
        if (order > PageSet.MaxOrder || head->Pages != 1u << order || head->Flags != PageFlags.Head || head->MapCount != 0
            || Interlocked.CompareExchange(ref head->Count, 0, 1) != 1)
        {
            return false;
        }

        // Whoever has taken the count owns the block, and nothing of it changes any more. What was read before the exchange, which is a barrier, may be of another
        // one: another thread freed that, and this was allocated since. Then its owner gets the count back.
        if (head->Flags != PageFlags.Head || head->Order != order || head->Pages != 1u << order)
        {
            Volatile.Write(ref head->Count, 1);
            return false;
        }

        uint block = zone.IndexOf(head);
        if (!zone.CurrentSet.TryFree(order, block))
        {
            zone.FreeReferenceless(block);
        }

        return true;
    }

    /// <summary>Bytes of blocks that users hold; walks every frame.</summary>
    internal long CountUserBytes() => (_zones.All.Sum(zone => zone.CountUserPages()) << Page.Shift) + _large.Bytes;

    /// <summary>Gives the memory of all free pages back to the system.</summary>
    /// <returns>Bytes given back.</returns>
    internal long Trim()
    {
        DrainPageSets();
        return _zones.All.Sum(zone => zone.Trim());
    }

    internal void Unmap()
    {
        using (_zonesLock.Hold())
        {
            Volatile.Write(ref _isUnmapped, true);
            _large.Unmap();
            foreach (Zone zone in _zones.All)
            {
                zone.Unmap();
            }
        }
    }
}
