using SlabGen.CompilerServices;
using SlabGen.Memory;
using SlabGen.Slabs;

#pragma warning disable CS0420 // The bounds are volatile; what takes a reference to them here is so too.

namespace SlabGen.Magazines;

/// <summary>
/// The steps by which a magazine is lent to the fast path and taken back, as the remarks of <see cref="ThreadCache"/>
/// tell them. Everything is under the gate.
/// </summary>
/// <remarks>
/// The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).
/// </remarks>
internal static unsafe class Revocation<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>Whether the fast path is shut.</summary>
    public static bool IsShut(ref ThreadBin words) => TWords.Read(ref words.Low) == ThreadBin.NoLow;

    /// <summary>Any thread: makes both compares fail.</summary>
    public static void CloseBounds(ref ThreadBin words)
    {
        TWords.Write(ref words.Low, ThreadBin.NoLow);
        TWords.Write(ref words.High, ThreadBin.NoHigh);
    }

    /// <summary>
    /// Any thread: the first two steps. What is shut with a magazine loaded has been so since a barrier, and the look
    /// at its owner came after that.
    /// </summary>
    public static void Shut(ref ThreadBin words, ref LoadedMagazine loaded, IRevoked of)
    {
        if (!IsShut(ref words))
        {
            CloseBounds(ref words);
            TWords.FenceAll();
            loaded.ShutAt = of.LookAtOwner();
        }
    }

    /// <summary>Any thread, a magazine loaded: takes back what of it can be taken.</summary>
    /// <param name="words">The words of the fast path.</param>
    /// <param name="loaded">The magazine.</param>
    /// <param name="of">Whose they are.</param>
    /// <param name="ownerGone">The caller knows that no operation is in flight, and that none will be.</param>
    /// <param name="askKernel">Whether to ask the kernel where the owner is.</param>
    /// <param name="leftTop">The top above what had to be left; 0 if nothing was.</param>
    /// <returns>The first bad pointer that was found among the objects.</returns>
    public static BadPointer TakeBack(ref ThreadBin words, ref LoadedMagazine loaded, IRevoked of, bool ownerGone,
        bool askKernel, out nint leftTop)
    {
        BadPointer found = default;
        Shut(ref words, ref loaded, of);

        // After the barrier: an owner that has been outside since has no operation in flight, and can start none.
        bool outside = ownerGone || of.OwnerHasLeft(loaded.ShutAt, askKernel);
        // The top is read after the owner's state, or what it did before that is missed.
        TWords.Fence();
        nint top = TWords.Read(ref words.Top);
        nint end = outside ? top : top - sizeof(nint);
        if (end > loaded.Bottom)
        {
            try
            {
                found = of.Give((nint*)loaded.Bottom, (int)((end - loaded.Bottom) / sizeof(nint)));
            }
            finally
            {
                // Should it throw midway: what is lost has no owner, what is given twice would have two.
                loaded.Bottom = end;
            }
        }

        leftTop = 0;
        if (outside)
        {
            Magazine* empty = loaded.Magazine;
            loaded.Magazine = null;
            of.ReturnEmpty(empty);
            CloseBounds(ref words);
        }
        else
        {
            leftTop = TWords.Read(ref words.Top);
        }

        return found;
    }

    /// <summary>Owner, a magazine loaded: moves what a revocation left to the bottom of the magazine.</summary>
    public static void Settle(ref ThreadBin words, ref LoadedMagazine loaded)
    {
        nint* rounds = Magazine.Rounds(loaded.Magazine);
        if (loaded.Bottom != (nint)rounds || IsShut(ref words))
        {
            int left = CountOf(ref words, loaded);
            TWords.Move((nint*)loaded.Bottom, rounds, left);
            Arm(ref words, ref loaded, left);
        }
    }

    /// <summary>Owner, a magazine loaded: the number of objects in it.</summary>
    public static int CountOf(ref ThreadBin words, in LoadedMagazine loaded) =>
        (int)((TWords.Read(ref words.Top) - loaded.Bottom) / sizeof(nint));

    /// <summary>Owner, a magazine loaded: opens the bounds around so many objects.</summary>
    public static void Arm(ref ThreadBin words, ref LoadedMagazine loaded, int count)
    {
        nint rounds = (nint)Magazine.Rounds(loaded.Magazine);
        TWords.Write(ref words.Top, rounds + (count * sizeof(nint)));
        loaded.Bottom = rounds;
        TWords.Write(ref words.Low, rounds);
        TWords.Write(ref words.High, rounds + (loaded.Magazine->Capacity * sizeof(nint)));
    }
}

/// <summary>The magazine that the fast path works on, as its gate guards it.</summary>
internal unsafe struct LoadedMagazine
{
    /// <summary>The magazine, or null.</summary>
    public Magazine* Magazine;

    /// <summary>The first entry left in it, which is <c>Low</c>, also while that says "none".</summary>
    public nint Bottom;

    /// <summary>How far the owner was, when a revocation left the fast path shut.</summary>
    public OwnerProgress ShutAt;
}

/// <summary>Whose magazine is taken back, and where what is taken goes.</summary>
internal unsafe interface IRevoked
{
    /// <inheritdoc cref="OwnerProof{TWords}.Look"/>
    OwnerProgress LookAtOwner();

    /// <inheritdoc cref="OwnerProof{TWords}.HasLeft"/>
    bool OwnerHasLeft(in OwnerProgress since, bool askKernel);

    /// <summary>Puts objects into the slabs.</summary>
    /// <returns>The first bad pointer among them.</returns>
    BadPointer Give(nint* first, int count);

    /// <summary>Puts a magazine without objects where empty ones are.</summary>
    void ReturnEmpty(Magazine* magazine);
}
