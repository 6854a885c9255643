using SlabGen.CompilerServices;
using SlabGen.Memory;

namespace SlabGen.Magazines;

/// <summary>
/// What one thread's magazines may hold of blocks of whole pages, of all sizes and caches together. A program that
/// takes a buffer of each of many sizes would else keep one of each.
/// </summary>
/// <remarks>
/// <para>A magazine counts with the room it has, since the fast path fills it without asking. A cache of whole pages
/// has one magazine to a thread; where it has no room for that, an object goes to its slab at once. Of the others those
/// are given home first that had their turn longest ago: nobody knows which are in use, as the fast path leaves no
/// trace.</para>
/// <para>Owner alone. It is not part of the <see cref="OwnerThread"/>, which the list of every cache holds: a thread
/// cache is found to be without a thread by being garbage.</para>
/// </remarks>
internal sealed class WholePageShare
{
    /// <summary>
    /// Bytes of magazines that all sizes together have room for: a sixteenth of the memory in use, within these bounds.
    /// One size has its magazine in any case.
    /// </summary>
    public const long Least = 512 << 10, Most = 2 << 20;

    private const int Fraction = 16;

    /// <summary>
    /// How often a size must ask before another makes room for it: one that is used now and then is to drive out none
    /// that is in use all the time.
    /// </summary>
    private const int AsksForRoom = 4;

    [ThreadStatic]
    private static WholePageShare? t_current;

    private readonly List<ThreadCache> _threads = [];
    private int _turn;

    /// <summary>The calling thread's.</summary>
    public static WholePageShare Current => t_current ??= new WholePageShare();

    /// <summary>Counts a thread cache of whole pages, of the calling thread, from now on.</summary>
    public void Add(ThreadCache thread)
    {
        _threads.RemoveAll(static other => other.Magazines.IsClosed);
        _threads.Add(thread);
    }

    /// <summary>
    /// Before a thread cache loads a magazine, and outside of all gates: gives home what others have, until there is
    /// room, if this one has asked often enough.
    /// </summary>
    /// <returns>Whether it may load a magazine.</returns>
    public bool TryMakeRoom(ThreadCache thread)
    {
        long bytes = thread.RoundBytes;
        foreach (ThreadCache other in _threads)
        {
            bytes += other != thread && other.HasMagazine ? other.RoundBytes : 0;
        }

        long most =
            Math.Clamp((thread.Magazines.Slabs.Pages.Normal.AllocatedPages << Page.Shift) / Fraction, Least, Most);
        if (bytes > most && ++thread.TurnedAway < AsksForRoom)
        {
            return false;
        }

        thread.TurnedAway = 0;
        for (int asked = 0; bytes > most && asked < _threads.Count; asked++)
        {
            ThreadCache other = _threads[_turn++ % _threads.Count];
            if (other != thread && other.HasMagazine)
            {
                bytes -= other.RoundBytes;
                other.Magazines.TakeOwnHome(other);
            }
        }

        return true;
    }
}
