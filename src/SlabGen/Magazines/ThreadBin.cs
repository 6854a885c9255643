using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SlabGen.CompilerServices;

namespace SlabGen.Magazines;

/// <summary>
/// The fast path: the top of a thread's loaded magazine, and the bounds within which the thread may push and pop without a lock. It lies in the
/// <see cref="ThreadCache"/>, or, for the sizes of <see cref="Kmalloc"/>, in the <see cref="ThreadBins"/> of the thread.
/// </summary>
/// <remarks>
/// <para><see cref="Top"/> is written by the owner thread alone, and read by anyone. <see cref="Low"/> and <see cref="High"/> are written under the gate of the
/// thread cache, and read by the owner at any time. The remarks of <see cref="ThreadCache"/> say how a revoker takes all this back.</para>
/// <para>A bin of zeros is shut: both compares fail, as they do with <see cref="NoLow"/> and <see cref="NoHigh"/>.</para>
/// <para><see cref="TryAlloc"/> and <see cref="TryFree"/> call nothing, optimized or not: a call could sleep between the compare and the store
/// (in the compiler, in a lock of the runtime, or on its return, which a collection may redirect), where a revoker would take the owner for one outside.
/// A test reads their code.</para>
/// </remarks>
[StructLayout(LayoutKind.Sequential, Size = 1 << Shift)]
internal struct ThreadBin
{
    /// <summary>The logarithm of the size in bytes.</summary>
    public const int Shift = 5;

    /// <summary>Behind the topmost round that holds an object.</summary>
    public nint Top;

    /// <summary>The first round; above every top when shut.</summary>
    public volatile nint Low;

    /// <summary>Behind the last round; below every top when shut.</summary>
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

        // Low is volatile: a revoker writes it at any time, and the JIT must not hoist the read out of the caller's loop. The modifier,
        // not Volatile.Read: that is a call in code that is not optimized, see the remarks.
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
            // Two plain stores: a revoker does not need their order (the model shows it: it reads the top entry only of an
            // owner that is outside, whose stores are all visible).
            *(nint*)top = address;
            Top = top + sizeof(nint);
        }

        return true;
    }
}
