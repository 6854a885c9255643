namespace SlabGen.Pages;

/// <summary>
/// What is remembered of a limit that several caches share and that refused a request, of a runtime or an account:
/// whether anything came back that could help. So a request that is refused again and again ("try, else evict") is
/// refused at once.
/// </summary>
/// <remarks>
/// <para><b>Where a free object can lie.</b> In a slab: then the request found it, or the slab is empty and goes, which
/// makes room. In a magazine, or where it waits for a grace period: whoever puts it there stirs (<see cref="Stir"/>),
/// under the lock that a search takes after it has said that nothing stirs. So it is seen by the search, or the next
/// request searches.</para>
/// <para><b>While short</b>, for some moments after each refusal, the caches that share the limit go past their
/// magazines: an object that is freed goes into its slab, and a slab that becomes empty goes at once. Else each
/// eviction would put one object into a magazine, and each refusal take all of them home.</para>
/// <para><b>What had to be left</b> with a thread at work is asked for again after <see cref="LeftFor"/>, as at the
/// limit of one cache.</para>
/// <para>Any thread; words that are read and written without a lock.</para>
/// </remarks>
internal sealed class Shortage
{
    /// <summary>Milliseconds.</summary>
    private const int Lasts = 100, LeftFor = 15;

    private const long Never = long.MinValue;

    private bool _stirred;
    private bool _left; // by a search; only the last one to begin may find that nothing is left any more
    private int _begun, _searching; // interlocked: searches that have begun, and those that go on
    private long _refusedAt = Never, _searchedAt; // TickCount64

    /// <summary>Whether a request was refused some moments ago.</summary>
    public bool IsNow => Volatile.Read(ref _refusedAt) is var at && at != Never && Environment.TickCount64 - at < Lasts;

    /// <summary>Whether a search could find something. No is certain but for what a thread at work was left.</summary>
    public bool MayHelp => Volatile.Read(ref _stirred)
        || Volatile.Read(ref _searching) != 0 // what that one finds is on its way
        || (Volatile.Read(ref _left) && Environment.TickCount64 - Volatile.Read(ref _searchedAt) >= LeftFor);

    /// <summary>
    /// Whether a search found nothing, had to leave nothing, and nothing stirred since: all that is free lies in slabs.
    /// </summary>
    public bool IsSettled =>
        !Volatile.Read(ref _stirred) && !Volatile.Read(ref _left) && Volatile.Read(ref _searching) == 0 && IsNow;

    /// <summary>A request is refused: from now on, and for some moments, nothing goes into magazines.</summary>
    public void Refuse() => Volatile.Write(ref _refusedAt, Environment.TickCount64);

    /// <summary>A free object may lie outside of the slabs from now on.</summary>
    public void Stir()
    {
        if (!Volatile.Read(ref _stirred))
        {
            Volatile.Write(ref _stirred, true);
        }
    }

    /// <summary>Before all is taken home.</summary>
    /// <returns>The number of the search.</returns>
    public int BeginSearch()
    {
        Interlocked.Increment(ref _searching);
        int number = Interlocked.Increment(ref _begun);
        Volatile.Write(ref _stirred, false); // the locks that the search takes are barriers
        return number;
    }

    /// <summary>After it.</summary>
    /// <param name="number">What <see cref="BeginSearch"/> returned.</param>
    /// <param name="left">Whether something was left with a thread at work, or the search did not come to its
    /// end.</param>
    public void EndSearch(int number, bool left)
    {
        if (left || number == Volatile.Read(ref _begun))
        {
            Volatile.Write(ref _left, left);
        }

        Volatile.Write(ref _searchedAt, Environment.TickCount64);
        Interlocked.Decrement(ref _searching);
    }
}
