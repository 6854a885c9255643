using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Magazines;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Blocks of whole pages. Up to 1 MiB they come from caches too, whose slabs are one block each: a thread that takes and
// frees buffers finds them in its magazines. What is larger, what a cache does not find in one piece, and what asks for
// more than pages (a node, a reserve), comes from the page allocator.
public sealed partial class Kmalloc
{
    /// <summary>
    /// Whether a cache serves a size above <see cref="KmallocSizes.Largest"/>; and of how many pages.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsWhole(nuint size, out uint pages)
    {
        pages = (uint)((size + (nuint)Page.Size - 1) >> Page.Shift);
        return size <= KmallocSizes.LargestWhole && pages < (uint)_wholeIds.Length;
    }

    /// <summary>A block of whole pages, or of 0 bytes.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private unsafe nint AllocLarge(nuint size)
    {
        nint bins = ThreadBins.OfThisThread;
        if (IsWhole(size, out uint pages) && bins != 0
            && ThreadBins.Of(bins, WholeIdOf(pages))->TryAlloc(out nint address))
        {
            return address;
        }

        if (!TryAllocLarge(size, GfpFlags.Kernel, -1, out address))
        {
            Throw.OutOfMemory(Name, Account, _pages, size);
        }

        return address;
    }

    /// <summary>A block of whole pages, or of 0 bytes, if there is one that the request may have.</summary>
    private unsafe bool TryAllocLarge(nuint size, GfpFlags gfp, int node, out nint address)
    {
        ThrowIfDestroyed();
        address = size == 0 ? ZeroSizePointer
            : size > (nuint)_pages.Limit ? 0
            : (gfp & ~GfpFlags.Zero) == GfpFlags.Kernel && node < 0 && TryAllocWhole(size, out address) ? address
            : TryAllocOwned(size, gfp, _pages.NodeOf(gfp, node));
        if (address == 0)
        {
            ThrowIfUnmapped();
        }
        else if ((gfp & GfpFlags.Zero) != 0)
        {
            NativeMemory.Clear((void*)address, size);
        }

        return address != 0;
    }

    /// <summary>A block from a cache, if there is one, and it has one without reclaim.</summary>
    private bool TryAllocWhole(nuint size, out nint address)
    {
        address = 0;
        return size != 0 && IsWhole(size, out uint pages)
            && _caches[_firstWhole + _wholeIndex[pages]].TryAllocAtOnce(out address);
    }

    /// <summary>The id of the cache of a number of pages; 0 when there are no bins for it.</summary>
    /// <remarks>Volatile, as <see cref="IdOf"/>.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint WholeIdOf(uint pages) =>
        Volatile.Read(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_wholeIds), pages));

    private void SetWholeIds(int index, int id)
    {
        for (int pages = 0; pages < _wholeIndex.Length; pages++)
        {
            if (_wholeIndex[pages] == index && pages << Page.Shift > KmallocSizes.Largest)
            {
                Volatile.Write(ref _wholeIds[pages], (ushort)id);
            }
        }
    }

    /// <summary>By the number of pages, the index of the least number in a list that is not less.</summary>
    private static byte[] IndexByPages(ReadOnlySpan<int> whole)
    {
        byte[] index = new byte[whole.IsEmpty ? 0 : whole[^1] + 1];
        for (int pages = 0, at = 0; pages < index.Length; pages++)
        {
            at += pages > whole[at] ? 1 : 0;
            index[pages] = (byte)at;
        }

        return index;
    }
}
