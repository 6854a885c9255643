using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.Memory;

namespace SlabGen.Slabs;

/// <summary>What a handle refers to: where its object lies, and which of the entry's users it was given to.</summary>
/// <remarks>
/// The generation is odd while the entry is in use, and at least <see cref="FirstGeneration"/>, so that no default handle fits.
/// Written: <see cref="Address"/> by who takes the entry, before the generation becomes odd, and by who gives it back, after it has become
/// even; the generation by the first alone, and by compare-and-exchange by the second. A reader reads the address and <i>then</i>
/// the generation: if that is still the handle's, so was the address.
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 16)] // so that an entry lies in one cache line
internal struct HandleEntry
{
    public const uint FirstGeneration = 2, LastGeneration = uint.MaxValue;

    /// <summary>The object; while the entry is free, the index of the next free one.</summary>
    public nint Address;

    public uint Generation;
}

/// <summary>
/// The pages of all handle tables of the process, by number: so that a handle is 8 bytes, means one object whichever cache
/// or runtime that is of, and is found stale in any of them.
/// </summary>
/// <remarks>
/// The array is copied when it grows; its elements are written under the lock, a leaf, and read by anyone without. A number is used again
/// once its page is gone, but not the generations that its entries have had: the next page begins where this one has come to.
/// </remarks>
internal static class HandlePages
{
    /// <summary>The logarithm of the entries in a page.</summary>
    public static readonly int Shift = int.Log2(Page.Size / Unsafe.SizeOf<HandleEntry>());

    private static readonly UninterruptibleLock s_lock = new();
    private static readonly Stack<uint> s_free = new();
    private static nint[] s_pages = new nint[16];
    private static uint[] s_generations = new uint[16]; // the next one of each number, even; under the lock
    private static uint s_count;

    private static uint MaxPages => uint.MaxValue >> Shift;

    /// <summary>Finds the object of a handle.</summary>
    /// <returns><see langword="false"/> when the handle is stale, default, or none that was ever given out; then
    /// <paramref name="address"/> means nothing.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe bool TryGet(uint index, uint generation, out nint address)
    {
        nint[] pages = Volatile.Read(ref s_pages);
        uint number = index >> Shift;
        if (number < (uint)pages.Length)
        {
            nint page = Volatile.Read(ref pages[number]);
            if (page != 0)
            {
                // Safe: a page stays mapped until its cache is destroyed.
                HandleEntry* entry = (HandleEntry*)page + (index & ((1u << Shift) - 1));
                address = Volatile.Read(ref entry->Address);
                return Volatile.Read(ref entry->Generation) == generation;
            }
        }

        address = 0;
        return false;
    }

    /// <summary>The entry of an index in a page that is known to be there.</summary>
    public static unsafe HandleEntry* Entry(uint index) =>
        (HandleEntry*)Volatile.Read(ref Volatile.Read(ref s_pages)[index >> Shift]) + (index & ((1u << Shift) - 1));

    /// <summary>Gives a page a number, once all its entries are free and of a generation that no handle has had.</summary>
    /// <returns><see langword="false"/> when all numbers are in use.</returns>
    public static unsafe bool TryAdd(nint page, out uint number)
    {
        using (s_lock.Hold())
        {
            if (!s_free.TryPop(out number))
            {
                if (s_count == MaxPages)
                {
                    return false;
                }

                if (s_count == s_pages.Length)
                {
                    int length = s_pages.Length * 2;
                    nint[] pages = new nint[length];
                    uint[] generations = new uint[length]; // both, before either is changed: there may be no memory for them
                    s_pages.CopyTo(pages, 0);
                    s_generations.CopyTo(generations, 0);
                    s_generations = generations;
                    Volatile.Write(ref s_pages, pages);
                }

                number = s_count++;
                s_generations[number] = HandleEntry.FirstGeneration;
            }

            for (int i = 0; i < 1 << Shift; i++)
            {
                ((HandleEntry*)page)[i] = new HandleEntry { Generation = s_generations[number] };
            }

            Volatile.Write(ref s_pages[number], page);
            return true;
        }
    }

    /// <summary>Takes a page out, whose entries are in use by nobody. From now on its handles are stale by the number alone.</summary>
    public static unsafe nint Remove(uint number)
    {
        using (s_lock.Hold())
        {
            nint page = s_pages[number];
            Volatile.Write(ref s_pages[number], 0);
            uint next = HandleEntry.FirstGeneration;
            for (int i = 0; i < 1 << Shift; i++)
            {
                next = Math.Max(next, ((HandleEntry*)page)[i].Generation);
            }

            next += next & 1; // one in use: its cache was destroyed. Of the last generation this is 0
            s_generations[number] = next;
            if (next is not 0 and not HandleEntry.LastGeneration - 1)
            {
                s_free.Push(number);
            }

            return page;
        }
    }
}
