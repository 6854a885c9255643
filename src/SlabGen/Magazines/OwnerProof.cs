using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// What proves that a thread has been outside the fast path, as the remarks of <see cref="OwnerThread"/> tell it.
/// </summary>
/// <remarks>
/// The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).
/// </remarks>
internal static class OwnerProof<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>The owner, in the slow path of any cache.</summary>
    public static void CountVisit(ref OwnerWords words) => 
        TWords.Write(ref words.Visits, TWords.Read(ref words.Visits) + 1);

    /// <summary>
    /// The state that <see cref="HasLeft"/> compares with. The fast path is shut for the owner, and the barrier after
    /// that has run.
    /// </summary>
    public static OwnerProgress Look(ref OwnerWords words) =>
        new(TWords.Read(ref words.Visits), TWords.Read(ref words.Begun));

    /// <summary>
    /// Whether the owner has been outside the fast path since an earlier look, or is now. It has been in some slow
    /// path, a proof that began later succeeded, or this call can see it. A thread that computes all the time also
    /// gives a yes, after a few calls.
    /// </summary>
    /// <param name="words">The owner's.</param>
    /// <param name="sight">What can be seen of it.</param>
    /// <param name="since">The earlier look.</param>
    /// <param name="askKernel">Whether to ask the kernel too, which takes some microseconds.</param>
    public static bool HasLeft(ref OwnerWords words, IOwnerSight sight, in OwnerProgress since, bool askKernel) =>
        TWords.Read(ref words.Visits) != since.Visits
        || IsProven(ref words, since)
        || sight.IsCaller
        || !sight.IsAlive
        || sight.Waits
        || (askKernel && sight.MayAskKernel && AskKernel(ref words, sight, since));

    private static bool IsProven(ref OwnerWords words, in OwnerProgress since) =>
        TWords.Read(ref words.Proven) - since.Begun > 0;

    private static bool AskKernel(ref OwnerWords words, IOwnerSight sight, in OwnerProgress since)
    {
        TWords.Enter(sight.Asking);
        try
        {
            if (IsProven(ref words, since))
            {
                return true; // proven by the thread that held the lock
            }

            int number = TWords.Add(ref words.Begun, 1); // before anything about the owner is read
            if (sight.SleepsInSystemCall())
            {
                TWords.Write(ref words.Proven, number);
            }
            else if (sight.TryReadWork(out KernelWork work)
                && !(words.Base is { } early && early.Work.Switches == work.Switches
                    && !work.IsFarBeyond(early.Work)))
            {
                if (words.Base is { } then && work.IsFarBeyond(then.Work))
                {
                    TWords.FenceAll(); // the operation was executed; now it is visible too
                    int proven = TWords.Read(ref words.Proven);
                    TWords.Write(ref words.Proven, then.Number - proven > 0 ? then.Number : proven);
                }

                words.Base = (number, work); // it slept since, or its work until now is proven: measure from here on
            }
        }
        finally
        {
            TWords.Exit(sight.Asking);
        }

        return IsProven(ref words, since);
    }
}

/// <summary>What <see cref="OwnerProof{TWords}"/> keeps of one thread.</summary>
internal struct OwnerWords
{
    /// <summary>Its visits to the slow path of any cache. Written by the owner alone.</summary>
    public int Visits;

    /// <summary>The number of the last proof that began. Under the lock of those who ask; read by anyone.</summary>
    public int Begun;

    /// <summary>The number of the last proof that succeeded. As <see cref="Begun"/>.</summary>
    public int Proven;

    /// <summary>What the thread had computed when an earlier proof began. Under that lock.</summary>
    public (int Number, KernelWork Work)? Base;
}

/// <summary>How far a thread had come when it was looked at.</summary>
/// <param name="Visits">Its visits to the slow path of any cache.</param>
/// <param name="Begun">The number of the last proof that had begun.</param>
internal readonly record struct OwnerProgress(int Visits, int Begun);

/// <summary>What can be seen of a thread from outside.</summary>
internal interface IOwnerSight
{
    /// <summary>Whether it is the caller.</summary>
    bool IsCaller { get; }

    /// <summary>Whether it has not ended.</summary>
    bool IsAlive { get; }

    /// <summary>Whether it is in a managed wait.</summary>
    bool Waits { get; }

    /// <summary>Whether there is a kernel that can be asked about it.</summary>
    bool MayAskKernel { get; }

    /// <summary>Held while the kernel is asked about it: a leaf below the gates that the thread never takes.</summary>
    UninterruptibleLock Asking { get; }

    /// <inheritdoc cref="KernelThread.SleepsInSystemCall"/>
    bool SleepsInSystemCall();

    /// <inheritdoc cref="KernelThread.TryReadWork"/>
    bool TryReadWork(out KernelWork work);
}
