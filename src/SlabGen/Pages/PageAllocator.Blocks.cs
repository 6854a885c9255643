using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Memory;
using SlabGen.Pages;
using SlabGen.Zones;

namespace SlabGen;

// What the layers above use: blocks without reclaim, addresses and their frames, giving memory back.
public sealed partial class PageAllocator
{
    /// <summary>The index of the node that the calling thread runs on, for now.</summary>
    internal int CurrentNode() => NodeCount == 1 ? 0 : _topology.CurrentNode();

    /// <summary>Takes a block for the layers above. They reclaim by themselves when they hold no lock.</summary>
    /// <returns><see langword="false"/> when there is none without reclaim.</returns>
    internal bool TryAllocBlock(in PageRequest request, [NotNullWhen(true)] out Zone? zone, out uint block)
    {
        return TryOnce(request, out zone, out block, out _)
            && (zone.IsMapped || PrepareOrFree(zone, block, request.Pages, map: true, clear: false) is null);
    }

    /// <summary>Gives a block back.</summary>
    /// <param name="zone">The zone of the block.</param>
    /// <param name="block">Its first page.</param>
    /// <param name="use">What the first frame says that the block is used for; nothing for a user's. It says so until
    /// the block is free, so that no pages look like a user's on their way.</param>
    /// <exception cref="InvalidOperationException">No such block starts there, or it is mapped, or others hold
    /// references to it.</exception>
    internal unsafe void FreeBlock(Zone zone, uint block, PageFlags use = PageFlags.None)
    {
        PageFrame* head = zone.Frame(block);
        PageFlags flags = PageFlags.Head | use;
        if (!zone.IsMapped && (head->Flags & ~(PageFlags.Mapped | PageFlags.KeptMapped)) == flags && head->Count == 1
            && !zone.Kmap!.TryForget(block, head->Pages))
        {
            throw zone.NotFreeable(block);
        }

        int order = head->Order;
        if (order <= PageSet.MaxOrder && head->Pages == 1u << order && head->Flags == flags
            && Interlocked.CompareExchange(ref head->Count, 0, 1) == 1)
        {
            if (!zone.CurrentSet.TryFree(order, block))
            {
                zone.FreeReferenceless(block);
            }
        }
        else
        {
            zone.Free(block, use);
        }
    }

    /// <summary>Makes the next allocation that takes memory wake whatever waits for that.</summary>
    internal void HearOfMemory() => Volatile.Write(ref _wakeWanted, true);

    /// <summary>
    /// Called after an allocation, without a lock. It wakes background reclaim if a zone fell under its low watermark.
    /// It also wakes the clocks, if they rest because the runtime held nothing.
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
    /// Whether background reclaim may rest. Consider every kind of request that found all of its zones below their low
    /// watermarks. Each must now find a zone above its high watermark (<c>pgdat_balanced</c>). A kind of memory that
    /// was never requested is not short.
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

    /// <summary>
    /// Whether a request for Normal, which can have nearly all memory, would find plenty. Then at most low addresses
    /// are short. Shrinkers are then left alone, because they do not know where their objects lie.
    /// </summary>
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
    internal long DrainPageSets() => Drain(_zones.All);

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

    /// <summary>The frame of a page that must belong to this runtime.</summary>
    /// <exception cref="UnreachableException">It does not. It is better to end the call than to write to another
    /// frame.</exception>
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
    /// Takes whole pages for <paramref name="bytes"/>, at least 1. It takes a block or, beyond the largest block and
    /// where the free pages do not lie in one piece, a mapping of its own (<c>kvmalloc</c>).
    /// </summary>
    /// <returns>The address, or 0 when there is none without reclaim.</returns>
    internal nint AllocBytes(long bytes, GfpFlags gfp = GfpFlags.Kernel, int node = -1)
    {
        if (bytes <= LargestBlock
            && TryAllocBlock(new PageRequest((uint)Page.Count(bytes), Gfp: gfp, Node: node), out Zone? zone,
                out uint block))
        {
            return zone.Address(block);
        }

        // A mapping lies on the nodes that touch it. In it, too, half of the reserve is for urgent requests.
        bool mayMap = bytes > Page.Size && (NodeCount == 1 || (gfp & GfpFlags.ThisNode) == 0);
        return mayMap
            ? MapAlone(bytes, (gfp & GfpFlags.HighPriority) != 0 ? Normal.MinWatermark / 2 : Normal.MinWatermark)
            : 0;
    }

    /// <summary>A full GC heap counts as having no pages, as in <see cref="TryOnce"/>.</summary>
    private nint MapAlone(long bytes, long keptPages)
    {
        try
        {
            return FailsPages ? 0 : _large.Alloc(bytes, keptPages);
        }
        catch (OutOfMemoryException)
        {
            return 0;
        }
    }

    /// <summary>The bytes of the block that starts at an address, or 0 when no allocated block does.</summary>
    internal unsafe long SizeOf(nint address)
    {
        // A mapping of its own may lie in a hole of a zone, where no frame is in use.
        return !TryGetFrame(address, out _, out PageFrame* frame) || frame->Flags == PageFlags.None
            ? _large.SizeOf(address)
            : (address & (Page.Size - 1)) == 0 && IsUserBlock(frame) ? (long)frame->Pages << Page.Shift
            : 0;
    }

    /// <summary>Gives back what <see cref="AllocBytes"/> returned.</summary>
    /// <returns><see langword="false"/> when no allocated block starts at the address.</returns>
    internal unsafe bool TryFreeBytes(nint address)
    {
        if (TryGetFrame(address, out Zone? zone, out PageFrame* frame) && frame->Flags != PageFlags.None)
        {
            if (_options.ZeroesBlocks && (address & (Page.Size - 1)) == 0 && IsUserBlock(frame))
            {
                NativeMemory.Clear((void*)address, (nuint)frame->Pages << Page.Shift);
            }

            return (address & (Page.Size - 1)) == 0
                && (TryFreeToSet(zone, frame) || zone.TryFree(zone.IndexOf(frame), PageFlags.Head, out _));
        }

        return _large.Free(address) > 0;
    }

    /// <summary>Puts a user's block into the page set of this processor, if its size permits.</summary>
    private static unsafe bool TryFreeToSet(Zone zone, PageFrame* head)
    {
        int order = head->Order;
        if (order > PageSet.MaxOrder || head->Pages != 1u << order || head->Flags != PageFlags.Head
            || head->MapCount != 0
            || Interlocked.CompareExchange(ref head->Count, 0, 1) != 1)
        {
            return false;
        }

        // The thread that has taken the count owns the block, and nothing of the block changes any more. The exchange
        // is a barrier. What was read before it may belong to another block: another thread freed the first one, and
        // this one was allocated since. Then its owner gets the count back.
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

    /// <summary>Bytes of blocks that users hold. It walks every frame.</summary>
    internal long CountUserBytes() => (_zones.All.Sum(zone => zone.CountUserPages()) << Page.Shift) + _large.Bytes;

    /// <summary>Gives the memory of all free pages back to the system.</summary>
    /// <returns>Bytes trimmed.</returns>
    internal long Trim()
    {
        DrainPageSets();
        long bytes = 0;
        foreach (Zone zone in _zones.Every)
        {
            bytes += zone.Trim();
        }

        return bytes;
    }

    internal void Unmap()
    {
        using (_zonesLock.Hold())
        {
            Volatile.Write(ref _isUnmapped, true);
            _large.Unmap();
            foreach (Zone zone in _zones.Every)
            {
                zone.Unmap();
            }
        }
    }
}
