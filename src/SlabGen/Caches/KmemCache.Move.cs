using SlabGen.Caches;
using SlabGen.Memory;
using SlabGen.Slabs;

namespace SlabGen;

// Objects that move: the slab consolidator of illumos (kmem_cache_set_move). It is the one answer in a shipped slab
// allocator to a few live objects that hold many slabs hostage.
public sealed partial class KmemCache
{
    // Takes the place of a callback when there may be none.
    private static readonly SlabMove s_stay = (_, _) => SlabMoveReply.No;

    /// <summary>Makes the objects of the cache movable (<c>kmem_cache_set_move</c> of illumos).</summary>
    /// <param name="move">Moves one object. It may use any cache, including this one, but must not free either of its
    /// two objects.</param>
    /// <remarks>
    /// <para><see cref="Consolidate"/> calls it on its caller's thread. The control centre calls it in two cases: at
    /// the end of a reap interval when the cache is fragmented (101 slabs or more, more than an eighth of their objects
    /// free), and when memory is short. An allocation or a free never does, because its caller may hold the very lock
    /// that the callback needs. No lock of the allocator is held.</para>
    /// <para>The callback must do two things, under a lock of yours that also covers every other use, move and free of
    /// the object:</para>
    /// <list type="number">
    /// <item>Find out whether it knows the object as a live one that is ready for use. Look in a table of yours, or at
    /// a mark in the object that you set last after an allocation and clear first before a free. If it does not know
    /// the object, reply <see cref="SlabMoveReply.DontKnow"/>. The allocator cannot tell: free objects in magazines
    /// look like live ones to it.</item>
    /// <item>Copy the contents. (The allocator cannot, because it does not know when they change.) Make every reference
    /// to the old object refer to the new one. Bring the old one into its constructed state. Reply
    /// <see cref="SlabMoveReply.Yes"/>.</item>
    /// </list>
    /// <para>A free on another thread then comes either before, and the object is not known any more, or after, and
    /// finds the new one. It is neither lost nor done twice. Code that holds the old address without that lock must
    /// keep the object from being moved, by a reply of <see cref="SlabMoveReply.Later"/>. An exception counts as that
    /// reply. It comes out of <see cref="Consolidate"/>; from the background, it comes out of a later slow call on the
    /// cache.</para>
    /// </remarks>
    /// <exception cref="InvalidOperationException">The cache has a callback already. Or it has <c>SlabHandles</c>, a
    /// <c>SlabBuffer</c> or a <c>SlabOwner</c>, which would go on referring to the old places of its
    /// objects.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    public void SetMove(SlabMove move)
    {
        ArgumentNullException.ThrowIfNull(move);
        _magazines.ThrowIfClosed();
        move = Tie is not null && Tie.TryGetTarget(out ContextTie? tie) ? tie.Weaken(move) : move;
        if (Interlocked.CompareExchange(ref _move, move, null) is { } before)
        {
            throw new InvalidOperationException($"Cache '{Name}' has {(before == s_stay ? "handles, buffers or owners, which refer to where its objects lie" : "a move callback already")}.");
        }
    }

    /// <summary>
    /// Makes sure that objects stay where they are, because handles, buffers or owners refer to them.
    /// </summary>
    /// <returns><see langword="false"/> when a callback moves them.</returns>
    internal bool TryPin() => (Interlocked.CompareExchange(ref _move, s_stay, null) ?? s_stay) == s_stay;

    /// <summary>
    /// Moves the objects of sparse slabs into fuller ones, for as long as that empties slabs. It begins with the
    /// sparsest slab. Empty slabs go back to the operating system.
    /// </summary>
    /// <returns>
    /// What was done. It is nothing while another call consolidates the cache, even if that call's callback makes this
    /// one.
    /// </returns>
    /// <exception cref="InvalidOperationException">There was no <see cref="SetMove"/>. Or the callback's reply is no
    /// member of <see cref="SlabMoveReply"/>; it counts as <see cref="SlabMoveReply.Later"/>.</exception>
    /// <exception cref="SlabException">A bad pointer was found in a magazine. Or the callback replied that an object is
    /// free, and the object was also freed elsewhere.</exception>
    /// <exception cref="ObjectDisposedException">The cache was destroyed.</exception>
    /// <exception cref="Exception">What the callback or a destructor threw. What was moved until then stays moved. Of
    /// several errors this call throws the first, and later calls on the cache throw the others.</exception>
    public SlabConsolidation Consolidate()
    {
        _magazines.ThrowIfClosed();
        if (!IsMovable)
        {
            throw new InvalidOperationException($"Cache '{Name}' has no move callback: its objects cannot be moved.");
        }

        FoundErrors found = TakeHome(Patience.None).Errors;
        ConsolidateQuietly(ref found, out SlabConsolidation done);
        _slabs.Pages.Trim();
        found.ThrowFirst(later: Pending);
        Pending.Throw();
        return done;
    }

    /// <summary>
    /// Called by the control centre. It does nothing if the cache cannot be consolidated, or is not worth it.
    /// </summary>
    /// <param name="isShort">Whether memory is short, so that any slab is worth it.</param>
    /// <param name="discarded">Whether a slab went.</param>
    /// <returns>What the callback threw, or a destructor.</returns>
    internal FoundErrors ConsolidateInBackground(bool isShort, out bool discarded)
    {
        FoundErrors found = default;
        SlabConsolidation done = default;
        if (IsMovable && !_magazines.IsClosed && (isShort || _slabs.IsFragmented))
        {
            ConsolidateQuietly(ref found, out done);
        }

        discarded = done.SlabsDiscarded > 0;
        return found;
    }

    private bool IsMovable => Volatile.Read(ref _move) is { } move && move != s_stay;

    private void ConsolidateQuietly(ref FoundErrors found, out SlabConsolidation done)
    {
        done = default;
        if (Interlocked.CompareExchange(ref _consolidator, Environment.CurrentManagedThreadId, 0) != 0)
        {
            return;
        }

        bool goesOn = true;
        try
        {
            (nint[] slabs, ushort[] inUse) = _slabs.ListSparsest();
            for (int i = 0; i < slabs.Length && goesOn; i++)
            {
                goesOn = Evacuate(slabs[i], inUse[i], ref found, ref done);
            }
        }
        catch (OutOfMemoryException outOfMemory)
        {
            found.Add(outOfMemory); // there is no array for the slabs, so the GC heap is full as well
        }
        finally
        {
            Volatile.Write(ref _consolidator, 0);
        }

        if (_magazines.IsClosed)
        {
            _slabs.DiscardEmpty(); // the cache was destroyed meanwhile
        }

        found.AddAll(_slabs.FinishDiscardsQuietly());
    }

    /// <summary>Moves the objects of one slab.</summary>
    /// <returns><see langword="false"/> when something went wrong and the pass should end.</returns>
    private unsafe bool Evacuate(nint memory, int inUse, ref FoundErrors found, ref SlabConsolidation done)
    {
        Slab* slab = _slabs.TryIsolate(memory, inUse);
        if (slab == null)
        {
            return true;
        }

        bool failed = false;
        int next = 0;
        long moved = 0;
        while (!failed && _slabs.TryBeginMove(slab, ref next, out nint from, out nint to))
        {
            SlabMoveReply reply = SlabMoveReply.Later;
            try
            {
                reply = _move!(from, to);
                if (reply is < SlabMoveReply.Yes or > SlabMoveReply.DontKnow)
                {
                    failed = true;
                    found.Add(new InvalidOperationException($"Cache '{Name}': its move callback replied {(int)reply}, which is none of SlabMoveReply."));
                    reply = SlabMoveReply.Later;
                }
            }
            catch (Exception thrown)
            {
                failed = true;
                found.Add(thrown); // what was done is unknown, so the old object stays in use, and the new one is free
            }

            (SlabFault fault, nint address) = _slabs.EndMove(slab, from, to, reply);
            failed |= fault != SlabFault.None;
            found.Add(_magazines.ToError(new BadPointer(fault, address)));
            moved += reply is SlabMoveReply.Yes or SlabMoveReply.DontNeed ? 1 : 0;
        }

        long bytes = _slabs.Rejoin(slab);
        done = new SlabConsolidation(done.ObjectsMoved + moved, done.SlabsDiscarded + (bytes > 0 ? 1 : 0),
            done.BytesDiscarded + bytes);
        return !failed;
    }
}
