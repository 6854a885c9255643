using SlabGen.Memory;

namespace SlabGen.Pages;

/// <summary>The page layer as the layers above see it: blocks of pages, and the way from an address to its frame.</summary>
/// <remarks>Its parts have locks of their own. Lock order: <see cref="LargeBlocks"/>, then <see cref="Zone"/>.</remarks>
internal sealed class PageAllocator
{
    private readonly LargeBlocks _large;
    private long _blockBytes; // any thread, interlocked

    public PageAllocator(IOsMemory memory, uint pages)
    {
        Normal = new Zone("Normal", memory, pages);
        _large = new LargeBlocks(memory, Normal);
    }

    /// <summary>The bytes of the largest block that lies in a zone; larger ones are mapped alone.</summary>
    public static long LargestBlock => (long)Page.Size << BuddyAllocator.MaxOrder;

    public Zone Normal { get; }

    /// <summary>Who frees memory when an allocation would fail; set once, before the first allocation.</summary>
    public IReclaimer? Reclaimer { get; set; }

    /// <summary>Whether the memory is gone.</summary>
    public bool IsReleased => Normal.IsReleased;

    /// <summary>Bytes that may be in use at once.</summary>
    public long Limit => (long)Normal.ManagedPages << Page.Shift;

    /// <summary>Bytes of the blocks that <see cref="Alloc"/> gave out and that were not freed.</summary>
    public long BlockBytes => Volatile.Read(ref _blockBytes);

    /// <summary>Takes whole pages for <paramref name="bytes"/>, at least 1.</summary>
    /// <returns>The address, or 0 when memory has run out.</returns>
    public nint Alloc(long bytes)
    {
        nint address;
        if (bytes > LargestBlock)
        {
            address = _large.Alloc(bytes);
        }
        else
        {
            uint block = Normal.Alloc((uint)Page.Count(bytes));
            address = block == PageFrame.None ? 0 : Normal.Address(block);
        }

        Interlocked.Add(ref _blockBytes, address == 0 ? 0 : Page.RoundUp(bytes, Page.Size));
        return address;
    }

    /// <summary>The bytes of the block that starts at an address, or 0 when no allocated block does.</summary>
    public unsafe long SizeOf(nint address)
    {
        if (!Normal.TryGetFrame(address, out PageFrame* frame))
        {
            return _large.SizeOf(address);
        }

        bool startsBlock = (address & (Page.Size - 1)) == 0 && (frame->Flags & (PageFlags.Head | PageFlags.Slab | PageFlags.Reserved)) == PageFlags.Head;
        return startsBlock ? (long)frame->Pages << Page.Shift : 0;
    }

    /// <summary>Gives back a block that <see cref="Alloc"/> returned.</summary>
    /// <returns><see langword="false"/> when no allocated block starts at the address.</returns>
    public unsafe bool TryFree(nint address)
    {
        long bytes;
        if (Normal.TryGetFrame(address, out PageFrame* frame))
        {
            // The flags are asked for under the lock: the block may be freed by another thread, and be a slab since.
            bool startsPage = (address & (Page.Size - 1)) == 0;
            bytes = startsPage && Normal.TryFree(Normal.IndexOf(frame), PageFlags.Head, out uint pages) ? (long)pages << Page.Shift : 0;
        }
        else
        {
            bytes = _large.Free(address);
        }

        Interlocked.Add(ref _blockBytes, -bytes);
        return bytes > 0;
    }

    /// <summary>Gives the memory of all free pages back to the system.</summary>
    /// <returns>Bytes given back.</returns>
    public long Trim() => Normal.Trim();

    public void Release()
    {
        _large.Release();
        Normal.Release();
    }
}
