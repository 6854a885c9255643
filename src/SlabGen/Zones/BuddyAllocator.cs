using System.Numerics;

namespace SlabGen.Zones;

/// <summary>
/// The binary buddy allocator: free blocks of 2^order pages, split on the way down and merged on the way up
/// (<c>__rmqueue_smallest</c>, <c>__free_one_page</c>).
/// </summary>
/// <remarks>
/// Invariants, all under the lock of the zone that owns the allocator:
/// <list type="number">
/// <item>A free block's index is a multiple of its size. Below <see cref="MaxOrder"/>, two buddies of the same order
/// are never both free.</item>
/// <item>A frame has <see cref="PageFlags.Buddy"/> exactly when it is the first frame of a block on a list.</item>
/// <item><see cref="FreePages"/> is the sum over the lists. <see cref="WarmFreePages"/> is the part of that sum in
/// blocks that are not <see cref="PageFlags.Cold"/>.</item>
/// </list>
/// </remarks>
internal sealed partial class BuddyAllocator
{
    /// <summary>The order of the largest block (<c>MAX_PAGE_ORDER</c>): 4 MiB with pages of 4 KiB.</summary>
    public const int MaxOrder = 10;

    // By order (struct free_area). Warm blocks are in front and cold ones behind, so that cold ones are taken last.
    private readonly FrameList[] _areas = FrameList.Make(MaxOrder + 1);
    private readonly unsafe PageFrame* _frames; // immutable: the zone's mem_map
    private readonly uint _spanned;             // immutable: the pages of the zone

    public unsafe BuddyAllocator(PageFrame* frames, uint spanned)
    {
        _frames = frames;
        _spanned = spanned;
    }

    public long FreePages { get; private set; }

    /// <summary>Free pages that may hold memory: an upper bound.</summary>
    public long WarmFreePages { get; private set; }

    public int FreeBlocks(int order) => _areas[order].Count;

    /// <summary>Takes a block of 2^<paramref name="order"/> pages.</summary>
    /// <param name="order">0 to <see cref="MaxOrder"/>.</param>
    /// <param name="cold">Whether no memory backs the block: not yet, or not any more.</param>
    /// <returns>The index of its first frame, or <see cref="PageFrame.None"/> when no block is large enough.</returns>
    public unsafe uint Take(int order, out bool cold)
    {
        // A warm block of any size comes before a cold one: else the zone grows while it has memory.
        int have = order;
        while (have <= MaxOrder && FirstWarm(have) == PageFrame.None)
        {
            have++;
        }

        cold = have > MaxOrder;
        if (cold)
        {
            have = order;
            while (have <= MaxOrder && First(have) == PageFrame.None)
            {
                have++;
            }

            if (have > MaxOrder)
            {
                cold = false;
                return PageFrame.None;
            }
        }

        uint block = First(have); // warm blocks are in front
        Remove(block, have);
        while (have > order)
        {
            // Keep the lower half: blocks stay dense at the low end, and the rest can go back whole.
            have--;
            Insert(block + (1u << have), have, cold);
        }

        return block;
    }

    /// <summary>
    /// Gives back <paramref name="pages"/> pages. Each block is merged with its buddy, repeatedly, while the buddy is
    /// free.
    /// </summary>
    public void Give(uint start, uint pages, bool cold)
    {
        while (pages > 0)
        {
            // The largest block that is aligned here and not longer than what is left.
            int aligned = start == 0 ? MaxOrder : Math.Min(MaxOrder, BitOperations.TrailingZeroCount(start));
            int order = Math.Min(aligned, BitOperations.Log2(pages));
            GiveBlock(start, order, cold);
            start += 1u << order;
            pages -= 1u << order;
        }
    }

    /// <summary>The first free block of an order, or <see cref="PageFrame.None"/>.</summary>
    public uint First(int order) => _areas[order].First;

    /// <summary>The free block behind another one, or <see cref="PageFrame.None"/>.</summary>
    public unsafe uint Next(uint block) => _frames[block].Next;

    /// <summary>Whether a free block may hold memory.</summary>
    public unsafe bool IsWarm(uint block) => (_frames[block].Flags & PageFlags.Cold) == 0;

    /// <summary>The first warm free block of an order, or <see cref="PageFrame.None"/>.</summary>
    public unsafe uint FirstWarm(int order)
    {
        uint first = _areas[order].First;
        return first != PageFrame.None && (_frames[first].Flags & PageFlags.Cold) == 0 ? first : PageFrame.None;
    }

    /// <summary>The warm free block behind another one, or <see cref="PageFrame.None"/>.</summary>
    public unsafe uint NextWarm(uint block)
    {
        uint next = _frames[block].Next;
        return next != PageFrame.None && (_frames[next].Flags & PageFlags.Cold) == 0 ? next : PageFrame.None;
    }

    /// <summary>The last cold free block of an order, or <see cref="PageFrame.None"/>.</summary>
    public unsafe uint LastCold(int order)
    {
        uint last = _areas[order].Last;
        return last != PageFrame.None && (_frames[last].Flags & PageFlags.Cold) != 0 ? last : PageFrame.None;
    }

    /// <summary>Marks a warm free block cold, because its memory went back to the system.</summary>
    public void MakeCold(uint block, int order)
    {
        Remove(block, order);
        Insert(block, order, cold: true);
    }

    /// <summary>Takes the given free block off its list.</summary>
    public unsafe void Remove(uint block, int order)
    {
        PageFrame* frame = &_frames[block];
        _areas[order].Remove(_frames, block);
        FreePages -= 1L << order;
        WarmFreePages -= (frame->Flags & PageFlags.Cold) == 0 ? 1L << order : 0;
        frame->Flags = PageFlags.None;
    }

    private unsafe void GiveBlock(uint block, int order, bool cold)
    {
        for (; order < MaxOrder; order++)
        {
            uint buddy = block ^ (1u << order);
            if (buddy + (1u << order) > _spanned)
            {
                break;
            }

            PageFrame* frame = &_frames[buddy];
            if ((frame->Flags & PageFlags.Buddy) == 0 || frame->Order != order)
            {
                break;
            }

            // A merged block is cold only if both halves are. A half-warm block counts as warm, so that the count of
            // warm pages is never below what the process holds.
            cold &= (frame->Flags & PageFlags.Cold) != 0;
            Remove(buddy, order);
            block &= buddy;
        }

        Insert(block, order, cold);
    }

    private unsafe void Insert(uint block, int order, bool cold)
    {
        PageFrame* frame = &_frames[block];
        frame->Flags = cold ? PageFlags.Buddy | PageFlags.Cold : PageFlags.Buddy;
        frame->Order = (byte)order;

        ref FrameList area = ref _areas[order];
        if (cold)
        {
            area.AddLast(_frames, block);
        }
        else
        {
            area.AddFirst(_frames, block);
        }

        FreePages += 1L << order;
        WarmFreePages += cold ? 0 : 1L << order;
    }
}
