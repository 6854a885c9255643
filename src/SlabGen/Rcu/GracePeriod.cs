using System.Runtime.CompilerServices;
using SlabGen.Memory;

namespace SlabGen;

/// <summary>The steps of readers and updaters, as the remarks of <see cref="Rcu"/> tell them.</summary>
/// <remarks>
/// The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).
/// </remarks>
internal static class GracePeriod<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>A reader begins a section.</summary>
    /// <param name="reader">Its record. It alone writes the word, so it reads it as it is.</param>
    /// <param name="latest">The latest period that has begun.</param>
    /// <returns>What the word is now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Enter(RcuReader reader, ref long latest)
    {
        long state = reader.State;
        long entered = state == 0 ? TWords.Read(ref latest) + 1 : RcuReader.Nest(state);
        TWords.Write(ref reader.State, entered);
        return entered;
    }

    /// <summary>
    /// A reader ends its innermost section. A release: all that the section read and wrote comes before it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Leave(RcuReader reader, long entered) =>
        TWords.Write(ref reader.State, RcuReader.Leave(entered));

    /// <summary>
    /// An updater that has unlinked something: the number of the first period that begins after this.
    /// </summary>
    public static long Snapshot(ref long latest)
    {
        TWords.Fence(); // whoever sees a later number also sees what the caller unlinked
        return TWords.Read(ref latest) + RcuReader.Step;
    }

    /// <summary>Whether a period has passed.</summary>
    public static bool HasPassed(ref long completed, long number) => TWords.Read(ref completed) >= number;

    /// <summary>As <see cref="HasPassed"/>, and begins and ends periods as far as possible without waiting.</summary>
    public static bool Poll(ref long latest, ref long completed, long number, UninterruptibleLock gate,
        IRcuReaders readers)
    {
        if (HasPassed(ref completed, number))
        {
            return true;
        }

        TWords.Enter(gate);
        try
        {
            while (!HasPassed(ref completed, number))
            {
                long passed = TWords.Read(ref completed);
                if (TWords.Read(ref latest) == passed)
                {
                    // Store the number first. A reader that sees it makes all its other reads later, and need not be
                    // waited for.
                    TWords.Write(ref latest, passed + RcuReader.Step);
                    TWords.FenceAll();
                }

                long begun = TWords.Read(ref latest);
                if (!readers.AllPast(begun))
                {
                    return false;
                }

                TWords.Write(ref completed, begun);
            }

            return true;
        }
        finally
        {
            TWords.Exit(gate);
        }
    }

    /// <summary>Under the lock, after the barrier of a period: whether it has to wait for a reader.</summary>
    public static bool WaitsFor(RcuReader reader, long number)
    {
        long state = TWords.Read(ref reader.State);
        return state != 0 && state < number;
    }

    /// <summary>An owner of deferred work that has added some: whether nobody attends to it.</summary>
    /// <param name="owner">The owner. <see cref="IDeferred.Waits"/> is true by now.</param>
    /// <param name="first">Whether it may have been false before. A thread that adds more finds it attended.</param>
    public static bool NeedsAttention(IDeferred owner, bool first)
    {
        if (first)
        {
            TWords.Fence();
        }

        return !owner.IsAttended;
    }

    /// <summary>The background, under its lock: leaves an owner, if nothing waits there.</summary>
    public static bool TryLeave(IDeferred owner)
    {
        owner.IsAttended = false;
        // A thread that defers now sees the cleared flag, or its work is seen here.
        TWords.Fence();
        bool waits = owner.Waits;
        owner.IsAttended = waits;
        return !waits;
    }
}

/// <summary>The records of all readers, under the lock.</summary>
internal interface IRcuReaders
{
    /// <summary>Whether no reader has to be waited for (<see cref="GracePeriod{TWords}.WaitsFor"/>).</summary>
    bool AllPast(long number);
}
