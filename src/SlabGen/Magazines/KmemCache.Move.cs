using SlabGen.Slabs;

namespace SlabGen;

// Objects that move: the slab consolidator of illumos (kmem_cache_set_move), the one answer of a shipped slab allocator to a
// few live objects that hold many slabs hostage.
public sealed partial class KmemCache
{
    private static readonly SlabMove s_stay = (_, _) => SlabMoveReply.No; // in the place of a callback, where there may be none

    private SlabMove? _move; // set once
    private int _consolidating; // 1 while a thread does; by exchange

    /// <summary>Makes the objects of the cache movable (<c>kmem_cache_set_move</c> of illumos).</summary>
    /// <param name="move">Moves one object. It may use any cache, this one too, but must not free either of its two objects.</param>
    /// <remarks>
    /// <para>It is called by <see cref="Consolidate"/> on the thread that called that, and by the control centre on its own: when
    /// the cache is found fragmented at the end of a reap interval (101 slabs or more, more than an eighth of their objects
    /// free), and when memory is short. Never by an allocation or a free: whoever makes one may hold the very lock that the
    /// callback needs. No lock of the allocator is held.</para>
    /// <para>What it must do, under a lock of yours that also covers every other use, move and free of the object:</para>
    /// <list type="number">
    /// <item>Find out whether it knows the object, as a live one that is ready for use: in a table of yours, or by a mark in the
    /// object that you set last after an allocation and clear first before a free. If not, reply
    /// <see cref="SlabMoveReply.DontKnow"/>. The allocator does not know: free objects in magazines look like live ones to it.</item>
    /// <item>Copy the contents (the allocator cannot: it does not know when they do not change), have every reference to the
    /// old object refer to the new one, bring the old one into its constructed state, reply <see cref="SlabMoveReply.Yes"/>.</item>
    /// </list>
    /// <para>Then a free on another thread comes either before, and the object is not known any more, or after, and finds the
    /// new one: it is neither lost nor done twice. Whoever holds the old address without that lock must keep the object from
    /// being moved, by a reply of <see cref="SlabMoveReply.Later"/>. An exception counts as that, and comes out of <see cref="Consolidate"/>; from
    /// the background, out of the next call that reclaims.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The cache has a callback already; or <c>SlabHandles</c> or a
    /// <c>SlabBuffer</c>, which would go on referring to where its objects were.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void SetMove(SlabMove move)
    {
        ArgumentNullException.ThrowIfNull(move);
        _magazines.ThrowIfClosed();
        if (Interlocked.CompareExchange(ref _move, move, null) is { } before)
        {
            throw new InvalidOperationException($"Cache '{Name}' has {(before == s_stay ? "handles or buffers, which refer to where its objects lie" : "a move callback already")}.");
        }
    }

    /// <summary>Makes sure that objects stay where they are: handles or buffers refer to them.</summary>
    /// <returns><see langword="false"/> when there is a callback to move them.</returns>
    internal bool TryPin() => (Interlocked.CompareExchange(ref _move, s_stay, null) ?? s_stay) == s_stay;

    /// <summary>
    /// Moves the objects of sparse slabs into fuller ones, the sparsest slab's first, for as long as that empties slabs, and
    /// gives those to the operating system.
    /// </summary>
    /// <returns>What was done; nothing while another call consolidates the cache, be it the one whose callback makes this call.</returns>
    /// <exception cref="InvalidOperationException">There was no <see cref="SetMove"/>; or the callback's reply is none of
    /// <see cref="SlabMoveReply"/>, which counts as <see cref="SlabMoveReply.Later"/>.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine; or the callback replied that an object is free
    /// which was freed besides.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    /// <exception cref="Exception">What the callback threw, or a destructor. What was moved until then stays moved.</exception>
    public SlabConsolidation Consolidate()
    {
        _magazines.ThrowIfClosed();
        if (!IsMovable)
        {
            throw new InvalidOperationException($"Cache '{Name}' has no move callback: its objects cannot be moved.");
        }

        SlabException? error = _magazines.Drain(close: false, out _);
        Exception? thrown = ConsolidateQuietly(out SlabConsolidation done);
        _node.Pages.Trim();
        Rethrow(error ?? thrown);
        _magazines.ThrowPending();
        return done;
    }

    /// <summary>The control centre's: nothing for a cache that cannot be consolidated, or that is not worth it.</summary>
    /// <param name="isShort">Whether memory is short, so that any slab is worth it.</param>
    /// <param name="released">Whether a slab went.</param>
    /// <returns>What the callback threw, or a destructor.</returns>
    internal Exception? ConsolidateInBackground(bool isShort, out bool released)
    {
        SlabConsolidation done = default;
        bool worthIt = IsMovable && !_magazines.IsClosed && (isShort || _node.IsFragmented);
        Exception? error = worthIt ? ConsolidateQuietly(out done) : null;
        released = done.SlabsReleased > 0;
        return error;
    }

    private bool IsMovable => Volatile.Read(ref _move) is { } move && move != s_stay;

    private Exception? ConsolidateQuietly(out SlabConsolidation done)
    {
        done = default;
        if (Interlocked.Exchange(ref _consolidating, 1) != 0)
        {
            return null;
        }

        Exception? error = null;
        try
        {
            (nint[] slabs, ushort[] inUse) = _node.ListSparsest();
            for (int i = 0; i < slabs.Length && error is null; i++)
            {
                error = Evacuate(slabs[i], inUse[i], ref done);
            }
        }
        catch (OutOfMemoryException outOfMemory)
        {
            error = outOfMemory; // no array for the slabs: the GC heap is full as well
        }
        finally
        {
            Volatile.Write(ref _consolidating, 0);
        }

        if (_magazines.IsClosed)
        {
            _node.ReleaseEmpty(); // destroyed meanwhile
        }

        Exception? thrown = _node.FinishReleasesQuietly();
        return error ?? thrown;
    }

    /// <summary>Moves the objects of one slab.</summary>
    /// <returns>What went wrong, so that the pass should end.</returns>
    private unsafe Exception? Evacuate(nint memory, int inUse, ref SlabConsolidation done)
    {
        Slab* slab = _node.TryIsolate(memory, inUse);
        if (slab == null)
        {
            return null;
        }

        Exception? error = null;
        int next = 0;
        long moved = 0;
        while (error is null && _node.TryBeginMove(slab, ref next, out nint from, out nint to))
        {
            SlabMoveReply reply = SlabMoveReply.Later;
            try
            {
                reply = _move!(from, to);
                if (reply is < SlabMoveReply.Yes or > SlabMoveReply.DontKnow)
                {
                    error = new InvalidOperationException($"Cache '{Name}': its move callback replied {(int)reply}, which is none of SlabMoveReply.");
                    reply = SlabMoveReply.Later;
                }
            }
            catch (Exception thrown)
            {
                error = thrown; // nobody can tell what was done: the old object stays in use, the new one is free
            }

            (SlabFault fault, nint address) = _node.EndMove(slab, from, to, reply);
            error ??= fault == SlabFault.None ? null : Slabs.Throw.Fault(_node, fault, address, _magazines.IsChecked);
            moved += reply is SlabMoveReply.Yes or SlabMoveReply.DontNeed ? 1 : 0;
        }

        long bytes = _node.Rejoin(slab);
        done = new SlabConsolidation(done.ObjectsMoved + moved, done.SlabsReleased + (bytes > 0 ? 1 : 0), done.BytesReleased + bytes);
        return error;
    }
}
