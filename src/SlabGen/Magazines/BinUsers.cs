using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// Who still uses the memory of a thread's bins: the thread, and each thread cache that has a bin or holds it. The
/// order in which they end is no order, and who ends the thread's part may be many.
/// </summary>
/// <remarks>
/// The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).
/// </remarks>
internal static class BinUsers<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>The thread itself, for one more: the memory stays until <see cref="Return"/>.</summary>
    public static void Hold(ref int users) => TWords.Add(ref users, 1);

    /// <summary>One that held it uses it no more.</summary>
    /// <param name="users">How many use it.</param>
    /// <param name="ended">1 once somebody has ended the thread's part.</param>
    /// <param name="threadEnded">Whether the thread is dead. Then its part need not wait for a finalizer.</param>
    /// <returns>Whether nobody uses it any more. True once.</returns>
    public static bool Return(ref int users, ref int ended, bool threadEnded)
    {
        bool last = TWords.Add(ref users, -1) == 0;
        return (threadEnded && EndThread(ref users, ref ended)) || last;
    }

    /// <summary>Any thread, once the thread is dead or uses the memory no more: ends its part, if it goes on.</summary>
    /// <returns>As <see cref="Return"/>.</returns>
    public static bool EndThread(ref int users, ref int ended) =>
        TWords.Exchange(ref ended, 1) == 0 && TWords.Add(ref users, -1) == 0;
}
