using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// The order in which a depot's words change while full magazines come and go, and in which they are looked at.
/// </summary>
/// <remarks>
/// <para>All but <see cref="MayHaveFull"/> run under the depot's lock. A magazine that leaves is first noted as one on
/// its way, if it goes to the slabs, then counted as taken, and then gone from the count. So who no longer sees it in
/// the count sees where it went, or that one has left.</para>
/// <para>The tests run this very code over words of their own, in every order (<see cref="ISharedWords"/>).</para>
/// </remarks>
internal static class DepotSteps<TWords>
    where TWords : struct, ISharedWords
{
    /// <summary>Without the lock: whether a full magazine is here, or is on its way from here to the slabs.</summary>
    public static bool MayHaveFull(ref DepotWords words) =>
        TWords.Read(ref words.FullCount) > 0 || TWords.Read(ref words.OnTheWay) != 0; // as a magazine leaves

    /// <summary>A full magazine has come.</summary>
    public static void Put(ref DepotWords words) =>
        TWords.Write(ref words.FullCount, TWords.Read(ref words.FullCount) + 1);

    /// <summary>A full magazine leaves with a thread, or for a drain that was begun.</summary>
    public static void Take(ref DepotWords words)
    {
        Trade(ref words);
        TWords.Write(ref words.FullCount, TWords.Read(ref words.FullCount) - 1);
    }

    /// <summary>A full magazine leaves, and another takes its place.</summary>
    public static void Trade(ref DepotWords words) =>
        TWords.Write(ref words.FullsTaken, TWords.Read(ref words.FullsTaken) + 1);

    /// <summary>A full magazine leaves for the slabs.</summary>
    public static void TakeForDrain(ref DepotWords words, nint magazine)
    {
        TWords.Write(ref words.OnTheWay, magazine);
        Take(ref words);
    }

    /// <summary>A magazine comes back empty: its objects are in the slabs, if a drain had it.</summary>
    public static void EndDrain(ref DepotWords words, nint magazine)
    {
        if (TWords.Read(ref words.OnTheWay) == magazine)
        {
            TWords.Write(ref words.OnTheWay, 0);
        }
    }
}
