using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.CompilerServices;
using SlabGen.Guards;

namespace SlabGen.Magazines;

/// <summary>
/// The fast path: the top of a thread's loaded magazine, and the bounds within which the thread may push and pop
/// without a lock. It lies in the <see cref="ThreadCache"/>, or, for the sizes of <see cref="Kmalloc"/>, in the
/// <see cref="ThreadBins"/> of the thread.
/// </summary>
/// <remarks>
/// <para><see cref="Top"/> is written by the owner thread alone, and read by anyone. <see cref="Low"/> and
/// <see cref="High"/> are written under the gate of the thread cache, and read by the owner at any time. The remarks of
/// <see cref="ThreadCache"/> say how a revoker takes all this back.</para>
/// <para>A bin of zeros is shut: both compares fail, as they do with <see cref="NoLow"/> and
/// <see cref="NoHigh"/>.</para>
/// <para>The methods but <see cref="Shut"/> are the owner's, and call nothing, optimized or not: a call could sleep
/// between the compare and the store (in the compiler, in a lock of the runtime, or on its return, which a collection
/// may redirect), where a revoker would take the owner for one outside. A test reads their code.</para>
/// </remarks>
[StructLayout(LayoutKind.Explicit, Size = 1 << Shift)]
internal struct ThreadBin
{
    /// <summary>The logarithm of the size in bytes.</summary>
    public const int Shift = 5;

    /// <summary>Behind the topmost round that holds an object.</summary>
    [FieldOffset(0)]
    public nint Top;

    [FieldOffset(0)]
    private volatile nint _releasedTop; // the same, for stores that come after all before them

    /// <summary>The first round; above every top when shut.</summary>
    [FieldOffset(8)]
    public volatile nint Low;

    /// <summary>Behind the last round; below every top when shut.</summary>
    [FieldOffset(16)]
    public volatile nint High;

    /// <summary>An empty stack at the top of the address space: whatever the top is, no object can be taken.</summary>
    public static nint NoLow => nint.MaxValue;

    /// <summary>A full stack at the bottom of the address space: whatever the top is, there is no room.</summary>
    public static nint NoHigh => nint.MinValue;

    /// <summary>Makes both compares fail.</summary>
    public void Shut()
    {
        Low = NoLow;
        High = NoHigh;
    }

    /// <summary>Takes a free object, if the loaded magazine has one. Owner thread only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAlloc(out nint address)
    {
        nint top = Top;

        // Low is volatile: a revoker writes it at any time, and the JIT must not hoist the read out of the caller's
        // loop. The modifier, not Volatile.Read: that is a call in code that is not optimized, see the remarks.
        if (top <= Low)
        {
            address = 0;
            return false;
        }

        unsafe
        {
            // Safe: Low < top, so the entry below top lies in the loaded magazine, which stays mapped while this runs:
            // a revoker frees it only after it saw the owner outside this method.
            address = *(nint*)(top - sizeof(nint));
            Top = top - sizeof(nint);
        }

        return true;
    }

    /// <summary>Takes an object back, if the loaded magazine has room. Owner thread only.</summary>
    /// <param name="address">The object, which is not looked at; not null.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFree(nint address)
    {
        nint top = Top;
        if (top >= High)
        {
            return false;
        }

        unsafe
        {
            // Safe: top < High, as above.
            // Two plain stores: a revoker does not need their order (the model shows it: it reads the top entry only of
            // an owner that is outside, whose stores are all visible).
            *(nint*)top = address;
            Top = top + sizeof(nint);
        }

        return true;
    }

    /// <summary>Takes any free object, if the loaded magazine has one. Owner thread only.</summary>
    /// <param name="random">Says which: any 32 bits.</param>
    /// <param name="address">The object, or 0.</param>
    /// <remarks>
    /// All objects from that one up to the top are claimed, as in <see cref="TryAllocAll"/>; then the topmost takes its
    /// place, and the others are put back.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe bool TryAllocAny(uint random, out nint address)
    {
        nint top = Top;
        nint low = Low;
        address = 0;
        if (top <= low)
        {
            return false;
        }

        ulong count = (ulong)(top - low) / (ulong)sizeof(nint);
        nint place = low + ((nint)((random * count) >> 32) * sizeof(nint));
        _releasedTop = place;
        if (place < Low)
        {
            Top = top;
            return false;
        }

        // Safe: as in TryAllocAll. The rounds come before the top that says that they are there, as in TryFreeAll.
        nint last = top - sizeof(nint);
        address = *(nint*)place;
        *(nint*)place = *(nint*)last;
        _releasedTop = last;
        return true;
    }

    /// <summary>Takes so many free objects, if the loaded magazine has them all. Owner thread only.</summary>
    /// <remarks>
    /// <para>The objects are claimed before the bounds are looked at for good. A revoker shuts the bounds, makes a
    /// barrier in all threads and reads the top, so that either this sees them shut, or the revoker sees the claim, and
    /// takes only what lies below it. Who sees them shut puts the top back: what a revoker took meanwhile lies below
    /// the one or the other top, and below it the rest is the owner's as before.</para>
    /// <para>Optimized from the first call: code that is not has calls in its loops, by which it may be
    /// replaced.</para>
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe bool TryAllocAll(nint* addresses, int count)
    {
        nint top = Top;
        nint first = top - ((nint)count * sizeof(nint));
        if (first < Low)
        {
            return false;
        }

        // Volatile, as Low is: the look comes after it in the code; between processors the revoker's barrier sees to
        // that.
        _releasedTop = first;
        if (first < Low)
        {
            Top = top;
            return false;
        }

        // Safe: as in TryAlloc.
        for (nint* from = (nint*)first; from < (nint*)top; from++)
        {
            *addresses++ = *from;
        }

        return true;
    }

    /// <summary>Takes so many objects back, if the loaded magazine has room for them all. Owner thread only.</summary>
    /// <returns><see langword="false"/> also when one of them is null or guarded: then nothing was done.</returns>
    /// <remarks>
    /// As with one object, they are the owner's until the top says that they are there. A revoker that sees it say so
    /// takes all but the topmost: so the rounds must be visible first.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public unsafe bool TryFreeAll(nint* addresses, int count)
    {
        nint end = Top + ((nint)count * sizeof(nint));
        if (end > High)
        {
            return false;
        }

        for (nint* to = (nint*)Top; to < (nint*)end; to++)
        {
            nint address = *addresses++;
            if ((nuint)address < (nuint)GuardRange.End)
            {
                return false;
            }

            *to = address;
        }

        _releasedTop = end;
        return true;
    }
}
